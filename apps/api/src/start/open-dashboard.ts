import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { DashboardHandler } from '../platform/http/page-headers.js';

const FOLDER = fileURLToPath(new URL('../../../dashboard/', import.meta.url));

interface NextApp {
  prepare(): Promise<void>;
  getRequestHandler(): DashboardHandler;
  close(): Promise<void>;
}

export interface OpenDashboard {
  readonly handler: DashboardHandler;
  close(): Promise<void>;
}

/** Next tells on the console how long its configuration took, which nobody who starts the product asked. */
async function silently(work: () => Promise<void>): Promise<void> {
  const { log } = console;
  console.log = () => {};
  try {
    await work();
  } finally {
    console.log = log;
  }
}

/** The built dashboard, to be served on the API's own port. Only its folder is known here, not its code. */
export async function openDashboard(): Promise<OpenDashboard> {
  const createNext = createRequire(`${FOLDER}package.json`)('next') as (options: object) => NextApp;
  const app = createNext({ dev: false, dir: FOLDER, quiet: true });
  await silently(() => app.prepare());
  return { handler: app.getRequestHandler(), close: () => app.close() };
}
