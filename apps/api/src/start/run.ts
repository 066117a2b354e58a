import type { ProviderRequest } from '@freestyle/core';
import { createServer, type RunningServer } from '../create-server.js';
import { openModel } from '../modules/model/open-model.js';
import { isLoopbackHost } from '../platform/auth/is-local.js';
import { readSettings, type Settings } from '../platform/config/settings.js';
import { addressesOf } from './addresses.js';
import { bringIn } from './bring-in.js';
import { outliveOutput } from './closed-output.js';
import { type ConsoleProgress, createConsoleProgress } from './console-progress.js';
import { requirePhoto } from './find-photo.js';
import { requireSpace } from './free-space.js';
import { openDashboard } from './open-dashboard.js';
import { expectedMessage } from './start-problem.js';
import { listenForStop } from './stop-signal.js';

export interface StartOptions {
  /** Photos to import; null makes the demo gallery where nothing is there yet. */
  readonly folder: string | null;
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly model: string;
  /** Whether it was named, so that it answers whatever was promoted before. */
  readonly modelIsGiven?: boolean;
  readonly provider: ProviderRequest;
}

/** Runs the product until somebody ends it: database, API, dashboard, import.
 *  @returns the exit code: 0 after a wanted end, 1 after a failure, which was told in one line. */
export async function run(options: StartOptions): Promise<number> {
  outliveOutput();
  const progress = createConsoleProgress(process.stdout);
  const stop = listenForStop(() => progress.line('Stopping …'));
  let close: () => Promise<void> = async () => {};
  try {
    const settings = readSettings();
    if (options.folder !== null) await requirePhoto(options.folder);
    const { server, model, closeDashboard } = await open(options, settings, progress, stop.signal);
    close = () => server.close().finally(closeDashboard);
    progress.line(addresses(server, options, model, settings));
    await bringIn(server, { ...options, progress, signal: stop.signal });
    if (!stop.signal.aborted) progress.line(`Ready: ${addressesOf(server.url).here}   (Ctrl-C ends it)`);
    await stop.stopped;
    await close();
    return 0;
  } catch (error) {
    await close().catch(() => {});
    if (stop.signal.aborted) return 0;
    const message = expectedMessage(error);
    progress.line('');
    process.stderr.write(
      message === null
        ? `freestyle: unexpected, this is a defect:\n${stackOf(error)}\n`
        : `freestyle: ${message}\n`,
    );
    return 1;
  }
}

async function open(
  options: StartOptions,
  settings: Settings,
  progress: ConsoleProgress,
  signal: AbortSignal,
) {
  const { host, port, dataDir } = options;
  const dashboard = openDashboard();
  // Awaited below; until then a failure shall not count as unhandled.
  dashboard.catch(() => {});
  progress.line('Loading the model …');
  // First, so that a model that cannot be opened is told in one line and leaves no traces.
  const model = await openModel(options.model, options.provider, { hub: settings.hub });
  signal.throwIfAborted();
  await requireSpace(dataDir);
  const server = await createServer({
    dataDir,
    host,
    port,
    settings,
    model,
    modelName: options.model,
    modelIsGiven: options.modelIsGiven ?? false,
    dashboardHandler: async (request, response) => (await dashboard).handler(request, response),
    onProgress: (step) => progress.line(`${step} …`),
  });
  try {
    const { close: closeDashboard } = await dashboard;
    await server.modelReady;
    const { name, provider, dimensions } = server.services.models.require().model;
    return { server, closeDashboard, model: `${name}, ${dimensions} dimensions, on ${provider}` };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function addresses(
  { url, database }: RunningServer,
  { host, dataDir }: StartOptions,
  model: string,
  settings: Settings,
): string {
  const where = database.kind === 'embedded' ? 'embedded PostgreSQL' : 'your PostgreSQL';
  const { here, elsewhere } = addressesOf(url);
  const others = elsewhere.map((address) => `\n  Elsewhere  ${address}`).join('');
  return `
  Dashboard  ${here}
  GraphQL    ${here}/graphql${others}

  Model      ${model}
  Data       ${dataDir} (${where}, pgvector ${database.pgvectorVersion})
  ${reach(host, settings)}
`;
}

function reach(host: string, { adminToken, trustLoopback }: Settings): string {
  const asked =
    adminToken !== undefined && !trustLoopback ? ' The token is asked for on this machine too.' : '';
  if (isLoopbackHost(host)) return `Listening on loopback only: no other machine can reach it.${asked}`;
  const token = adminToken === undefined ? '' : ' or the token of FREESTYLE_ADMIN_TOKEN';
  return `Listening on ${host}: people sign in, programs send an API key${token}.${asked}`;
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
