import { createServer as createHttpServer } from 'node:http';
import { resolve } from 'node:path';
import { type Logger, pino } from 'pino';
import { importFolder, type JobHandle } from './modules/import/import-folder.js';
import { modules } from './modules/index.js';
import { type Access, createAccess, openDoors } from './platform/auth/access.js';
import { createAdmission } from './platform/auth/admission.js';
import { createSessionRoutes } from './platform/auth/session-routes.js';
import { readSettings, type Settings } from './platform/config/settings.js';
import { type Database, openDatabase } from './platform/database/open-database.js';
import { refreshStatistics } from './platform/database/refresh-statistics.js';
import { UnavailableError } from './platform/errors.js';
import { createGraphqlRoutes } from './platform/graphql/graphql-routes.js';
import { createGraphqlServer } from './platform/graphql/graphql-server.js';
import { createLoaders } from './platform/graphql/loaders.js';
import { createHttpApp } from './platform/http/http-app.js';
import { closeHttp, listen, refuseUpgrades } from './platform/http/listen.js';
import type { DashboardHandler } from './platform/http/page-headers.js';
import {
  DEFAULT_PATIENCE,
  dropIdle,
  type HttpPatience,
  serverOptions,
} from './platform/http/slow-requests.js';
import type { AnyJobKind } from './platform/jobs/job-kind.js';
import { createJobQueue } from './platform/jobs/job-queue.js';
import type { LaneLimits } from './platform/jobs/lanes.js';
import { createJobWorker } from './platform/jobs/worker.js';
import { keepSwept } from './platform/keep-swept.js';
import { createModules, defineModule, type RunningModules } from './platform/module.js';
import { createPictureFetcher, type FetcherOptions } from './platform/net/fetch-picture.js';
import type { ModuleOptions, Services } from './platform/services.js';
import { createBlobStore } from './platform/storage/blob-store.js';
import { createPictureDecoder, type DecodeBudget } from './platform/storage/picture-decoder.js';
import { sweepUnfinished } from './platform/storage/unfinished.js';
import { createUploadStore } from './platform/storage/upload-store.js';
import { createMetrics, type Metrics } from './platform/telemetry/metrics.js';
import { schema } from './schema.js';

export interface ServerOptions extends ModuleOptions {
  /** Where the embedded database, pictures and thumbnails are kept. */
  readonly dataDir: string;
  /** A PostgreSQL to use instead of the embedded one; without it, what the settings say. */
  readonly databaseUrl?: string | undefined;
  /** Only this machine unless told otherwise. */
  readonly host?: string | undefined;
  /** 0 takes any free port. */
  readonly port?: number | undefined;
  /** Answers every address that is not the API's. */
  readonly dashboardHandler?: DashboardHandler | undefined;
  /** `warn` unless told otherwise; the settings come first. Logs are JSON lines on standard error. */
  readonly logLevel?: string | undefined;
  readonly logger?: Logger | undefined;
  /** What the environment says, unless given. */
  readonly settings?: Settings | undefined;
  readonly fetcher?: FetcherOptions | undefined;
  /** How many pixels are decoded at once, may wait, and may come in one request. */
  readonly decodeBudget?: Partial<DecodeBudget> | undefined;
  /** After how long slow requests are let go. */
  readonly patience?: Partial<HttpPatience> | undefined;
  /** How long a job worker may give no sign of life before its job goes to another. */
  readonly leaseMs?: number | undefined;
  /** How many jobs of each lane this process works on at once; 0 leaves a lane to others. */
  readonly lanes?: Partial<LaneLimits> | undefined;
  /** Kinds of jobs beside the product's own. */
  readonly jobKinds?: readonly AnyJobKind[] | undefined;
  /** Is told what the start is at, in words. */
  readonly onProgress?: ((step: string) => void) | undefined;
}

export interface RunningServer {
  /** `http://127.0.0.1:4000`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly database: { readonly kind: Database['kind']; readonly pgvectorVersion: string };
  /** Rejects if the model cannot be loaded. */
  readonly modelReady: Promise<void>;
  readonly services: Services;
  importFolder(path: string, options?: { name?: string; description?: string }): Promise<JobHandle>;
  /** Stops the worker after its batch, answers what is under way, and closes the database. */
  close(): Promise<void>;
}

/** Starts the API: database, migrations, modules, job worker and HTTP.
 *  @throws {StartError} with one line that says what to do. */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const settings = options.settings ?? readSettings();
  const log = options.logger ?? createLogger(settings.logLevel ?? options.logLevel);
  const closers: (() => Promise<unknown>)[] = [];
  const close = once(async () => {
    for (const step of closers.reverse()) {
      await step().catch((error: unknown) => log.error({ err: error }, 'closing failed'));
    }
  });
  try {
    return { ...(await open(options, settings, log, (step) => closers.push(step))), close };
  } catch (error) {
    await close().catch((failure: unknown) => log.error({ err: failure }, 'closing after a failed start'));
    throw error;
  }
}

const createLogger = (level = 'warn'): Logger => pino({ level }, pino.destination(2));

/** @param onClose is given what ends each part, in the order in which they were begun. */
async function open(
  options: ServerOptions,
  settings: Settings,
  log: Logger,
  onClose: (step: () => Promise<unknown>) => void,
): Promise<Omit<RunningServer, 'close'>> {
  const dataDir = resolve(options.dataDir);
  options.onProgress?.('Opening the database');
  const databaseUrl = options.databaseUrl ?? settings.databaseUrl;
  const database = await openDatabase({ dataDir, databaseUrl }, log);
  onClose(() => database.close());
  const metrics = createMetrics();
  const access = createAccess(database.prisma, settings, log);
  onClose(() => access.close());
  const host = options.host ?? '127.0.0.1';
  await openDoors(access, settings, host);
  const { running, worker, sweeps, fetchPicture } = assemble(
    { ...options, hub: options.hub ?? settings.hub },
    dataDir,
    database,
    access,
    settings,
    metrics,
    log,
  );
  onClose(() => fetchPicture.close());
  onClose(() => running.close());
  for (const { start } of running.parts) start?.();
  options.onProgress?.('Starting the job worker');
  await worker.start();
  onClose(() => worker.stop());
  onClose(keepSwept(sweeps, log));
  const graphql = createGraphqlServer(schema);
  await graphql.start();
  onClose(() => graphql.stop());
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const http = createHttpServer(
    serverOptions(patience),
    httpApp(options, settings, log, database, access, metrics, running, graphql),
  );
  dropIdle(http, patience);
  refuseUpgrades(http);
  const address = await listen(http, host, options.port ?? 4000);
  onClose(() => closeHttp(http));
  // First of all: its batches end while the last requests are answered.
  onClose(() => worker.stop());
  log.info({ ...address }, 'listening');
  const { services } = running;
  const { kind, pgvectorVersion } = database;
  return {
    ...address,
    services,
    database: { kind, pgvectorVersion },
    modelReady: services.models.ready.then(() => {}),
    importFolder: (path, described) => importFolder(services, path, described),
  };
}

function assemble(
  options: ServerOptions,
  dataDir: string,
  database: Database,
  access: Access,
  settings: Settings,
  metrics: Metrics,
  log: Logger,
) {
  const { prisma } = database;
  const pictures = createPictureDecoder(options.decodeBudget);
  const uploads = createUploadStore(dataDir, pictures);
  const fetchPicture = createPictureFetcher(options.fetcher);
  const extra = defineModule({
    name: 'options',
    jobs: options.jobKinds ?? [],
    create: () => ({ jobParts: undefined }),
  });
  const running = createModules([...modules, extra], {
    database,
    prisma,
    access,
    settings,
    metrics,
    blobs: createBlobStore(dataDir, pictures),
    pictures,
    uploads,
    fetchPicture,
    dataDir,
    log,
    options,
    wakeWorker: () => worker.wake(),
    refreshStatistics: () => refreshStatistics(prisma),
  });
  const worker = createJobWorker({
    queue: createJobQueue(prisma),
    kinds: running.jobKinds,
    parts: undefined,
    log,
    alone: database.kind === 'embedded',
    limits: options.lanes,
    leaseMs: options.leaseMs,
  });
  const sweeps = [
    () => uploads.sweep(),
    () => sweepUnfinished(dataDir),
    () => access.rates.sweep(),
    () => access.repository.sweepSessions(new Date()),
    ...running.parts.flatMap(({ sweep }) => (sweep ? [sweep] : [])),
  ];
  return { running, worker, sweeps, fetchPicture };
}

function httpApp(
  { dashboardHandler, patience }: ServerOptions,
  settings: Settings,
  log: Logger,
  database: Database,
  access: Access,
  metrics: Metrics,
  { services, servicesFor, loaders, parts }: RunningModules,
  graphql: ReturnType<typeof createGraphqlServer>,
) {
  const { callerOf, addressOf, audit, rates } = access;
  const { allowedOrigins = [] } = settings;
  return createHttpApp({
    identify: access.find,
    routes: [
      createSessionRoutes({ settings, access, log }),
      ...parts.flatMap(({ routes }) => routes?.({ callerOf }) ?? []),
    ],
    graphqlRoutes: createGraphqlRoutes({
      graphql,
      schema,
      callerOf,
      admit: createAdmission(access),
      contextOf: (request, traceId) => {
        const caller = callerOf(request);
        const own = servicesFor(caller);
        return {
          ...{ caller, traceId, log, audit, metrics },
          services: own,
          loaders: createLoaders(loaders, own),
          address: addressOf(request),
          spend: (encoderMs) => rates.spend(caller, encoderMs),
        };
      },
    }),
    allowedOrigins,
    log,
    checkReady: () => checkReady(database, services),
    dashboardHandler,
    patience: { ...DEFAULT_PATIENCE, ...patience },
    metrics,
  });
}

async function checkReady({ pool }: Database, { models }: Services): Promise<void> {
  models.require();
  await pool.query('SELECT 1').catch((error: unknown) => {
    throw new UnavailableError('The database cannot be reached.', error);
  });
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action();
    return running;
  };
}
