import { createServer } from '../create-server.js';
import { createTestEncoder } from './test-encoder.js';
import { NO_SETTINGS } from './test-server.js';

/** A process that imports a folder and prints `done <n>` at each change, made to be killed by a test.
 *  `node import-child.js <data folder> <photo folder> [database URL]` */
const [dataDir, folder, databaseUrl] = process.argv.slice(2);
if (dataDir === undefined || folder === undefined)
  throw new Error('usage: import-child.js <data> <photos> [url]');

const server = await createServer({
  dataDir,
  databaseUrl: databaseUrl || undefined,
  settings: NO_SETTINGS,
  port: 0,
  model: createTestEncoder({ delayMs: 30 }),
  leaseMs: 2000,
});
process.stdout.write('listening\n');
const handle = await server.importFolder(folder);
for await (const job of handle.watch())
  process.stdout.write(`done ${job.done} of ${job.total} ${job.state}\n`);
await server.close();
process.stdout.write('closed\n');
