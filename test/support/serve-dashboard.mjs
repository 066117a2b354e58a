import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createServer } from '../../apps/api/dist/create-server.js';
import { createTestEncoder } from '../../apps/api/dist/testing/test-encoder.js';

// A process with the API and the built dashboard on one port, made to be killed by a test. It prints `listening`.
// node serve-dashboard.mjs <data folder> <port> <milliseconds that each batch of photos takes>
const [dataDir = '', port, delayMs] = process.argv.slice(2);
const dashboardDir = fileURLToPath(new URL('../../apps/dashboard/', import.meta.url));

process.env.NODE_ENV = 'production';
const createNext = createRequire(`${dashboardDir}package.json`)('next');
const app = createNext({ dev: false, dir: dashboardDir, quiet: true });
await app.prepare();
await createServer({
  dataDir,
  port: Number(port),
  settings: { databaseUrl: undefined, adminToken: undefined, logLevel: 'error' },
  model: createTestEncoder({ delayMs: Number(delayMs) }),
  dashboardHandler: app.getRequestHandler(),
});
process.stdout.write('listening\n');
