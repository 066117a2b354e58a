import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ServerOptions } from '../../apps/api/src/create-server.js';
import { startTestServer, type TestServer } from '../../apps/api/src/testing/test-server.js';

const dashboardDir = fileURLToPath(new URL('../../apps/dashboard/', import.meta.url));

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type NextApp = { prepare(): Promise<void>; getRequestHandler(): Handler; close(): Promise<void> };

/** The real API on a free port with the built dashboard behind it, as `npm start` serves them. */
export async function startDashboardServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  if (!existsSync(`${dashboardDir}.next/BUILD_ID`)) {
    throw new Error('The dashboard is not built: run "npm run build" first.');
  }
  // Next takes React's build from this; vitest says "test", which is neither of the two.
  Object.assign(process.env, { NODE_ENV: 'production' });
  const createNext = createRequire(`${dashboardDir}package.json`)('next') as (options: object) => NextApp;
  const app = createNext({ dev: false, dir: dashboardDir, quiet: true });
  await app.prepare();
  const server = await startTestServer({ ...options, dashboardHandler: app.getRequestHandler() });
  return {
    ...server,
    async dispose() {
      await server.dispose();
      await app.close();
    },
  };
}
