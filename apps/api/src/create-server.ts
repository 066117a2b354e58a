import { createServer as createHttpServer } from 'node:http';
import { resolve } from 'node:path';
import type { EmbeddingModel } from '@freestyle/core';
import { type Logger, pino } from 'pino';
import { type JobParts, jobKinds } from './job-kinds.js';
import { createBuildRepository } from './modules/build/repository.js';
import { createBuildService } from './modules/build/service.js';
import { createStyleWorkers, type StyleWorkers } from './modules/build/style-workers.js';
import { createChangeRepository } from './modules/change/repository.js';
import { createChangeService } from './modules/change/service.js';
import { createCheckRepository } from './modules/check/repository.js';
import { createCheckService } from './modules/check/service.js';
import { createDatasetRepository } from './modules/dataset/repository.js';
import { createDatasetService } from './modules/dataset/service.js';
import { embedJob } from './modules/embedding-space/job.js';
import { createExportRepository } from './modules/export/repository.js';
import { createExportService } from './modules/export/service.js';
import { createImportRepository, type ImportRepository } from './modules/import/commit/repository.js';
import { previewImport } from './modules/import/list/preview-import.js';
import type { ArchiveLimits } from './modules/import/read/archive/archive-limits.js';
import { createItemFetcher } from './modules/import/read/fetch-item.js';
import { createImportService } from './modules/import/service.js';
import { createJobService, type JobService } from './modules/job/service.js';
import { createLedgerRepository, NO_TALLY, type Tally } from './modules/ledger/repository.js';
import { createLedgerService } from './modules/ledger/service.js';
import { createModelRepository } from './modules/model/repository.js';
import { createModelService, type LiveModel } from './modules/model/service.js';
import { createPlaceRepository } from './modules/photo/place-repository.js';
import { createPlaceService } from './modules/photo/place-service.js';
import { createImageRepository } from './modules/photo/repository.js';
import { createImageService } from './modules/photo/service.js';
import { createStatisticsRepository } from './modules/photo/statistics-repository.js';
import { createQueryRepository } from './modules/query/repository.js';
import { createQueryService } from './modules/query/service.js';
import { createQueryStyleRepository } from './modules/query-style/repository.js';
import { createQueryStyleService } from './modules/query-style/service.js';
import { createSearchRepository } from './modules/search/find/repository.js';
import { createVectorIndex } from './modules/search/find/vector-index.js';
import { createWordsRepository } from './modules/search/parse/words-repository.js';
import { createSearchService, DEFAULT_SEARCH_LIMITS, type SearchLimits } from './modules/search/service.js';
import { createSplitRepository } from './modules/split/repository.js';
import { createSplitService } from './modules/split/service.js';
import { createIncomingFiles } from './modules/upload/incoming-files.js';
import { createUploadRepository } from './modules/upload/repository.js';
import { createUploadService, type UploadLimits } from './modules/upload/service.js';
import { createVersionRepository } from './modules/version/repository.js';
import { createVersionService } from './modules/version/service.js';
import { createServerSecret } from './platform/auth/server-secret.js';
import { readSettings, type Settings } from './platform/config/settings.js';
import { type Database, openDatabase } from './platform/database/open-database.js';
import { refreshStatistics } from './platform/database/refresh-statistics.js';
import { UnavailableError } from './platform/errors.js';
import { createGraphqlServer } from './platform/graphql/graphql-server.js';
import { createHttpApp, type DashboardHandler } from './platform/http/http-app.js';
import { closeHttp, listen, refuseUpgrades } from './platform/http/listen.js';
import { type AnyJobKind, createJobKinds } from './platform/jobs/job-kind.js';
import { createJobQueue } from './platform/jobs/job-queue.js';
import { createJobRepository, type Job } from './platform/jobs/job-repository.js';
import type { LaneLimits } from './platform/jobs/lanes.js';
import { createJobWorker, type JobWorker } from './platform/jobs/worker.js';
import { createPictureFetcher, type FetcherOptions } from './platform/net/fetch-picture.js';
import { sweepUnfinished } from './platform/storage/atomic-write.js';
import { createBlobStore } from './platform/storage/blob-store.js';
import { createUploadStore } from './platform/storage/upload-store.js';
import type { Services } from './services.js';

export interface ServerOptions {
  /** Where the embedded database, pictures and thumbnails are kept. */
  readonly dataDir: string;
  /** A PostgreSQL to use instead of the embedded one; without it, what the settings say. */
  readonly databaseUrl?: string | undefined;
  /** Only this machine unless told otherwise. */
  readonly host?: string | undefined;
  /** 0 takes any free port. */
  readonly port?: number | undefined;
  readonly model: EmbeddingModel | Promise<EmbeddingModel>;
  /** Answers every address that is not the API's. */
  readonly dashboardHandler?: DashboardHandler | undefined;
  /** `warn` unless told otherwise; the settings come first. Logs are JSON lines on standard error. */
  readonly logLevel?: string | undefined;
  readonly logger?: Logger | undefined;
  /** What the environment says, unless given. */
  readonly settings?: Settings | undefined;
  readonly searchLimits?: SearchLimits | undefined;
  readonly uploadLimits?: Partial<UploadLimits> | undefined;
  readonly fetcher?: FetcherOptions | undefined;
  readonly archiveLimits?: Partial<ArchiveLimits> | undefined;
  /** How long a job worker may give no sign of life before its job goes to another. */
  readonly leaseMs?: number | undefined;
  /** How many jobs of each lane this process works on at once; 0 leaves a lane to others. */
  readonly lanes?: Partial<LaneLimits> | undefined;
  /** What makes query pictures; threads of its own unless given. */
  readonly styleWorkers?: StyleWorkers | undefined;
  /** Kinds of jobs beside the product's own. */
  readonly jobKinds?: readonly AnyJobKind[] | undefined;
  /** Is told what the start is at, in words. */
  readonly onProgress?: ((step: string) => void) | undefined;
}

/** A job that was begun here. */
export interface JobHandle {
  readonly jobId: string;
  readonly datasetId: string;
  readonly datasetName: string;
  /** The job now and after every change, until it is finished. */
  watch(signal?: AbortSignal): AsyncGenerator<Job>;
  /** The finished job, with what its ledger counted. */
  finished(): Promise<Job & Tally>;
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

const SWEEP_MS = 3_600_000;

/** Starts the API: database, migrations, job worker and HTTP.
 *  @throws {StartError} with one line that says what to do. */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const settings = options.settings ?? readSettings();
  const log = options.logger ?? createLogger(settings.logLevel ?? options.logLevel);
  const dataDir = resolve(options.dataDir);
  options.onProgress?.('Opening the database');
  const database = await openDatabase(
    { dataDir, databaseUrl: options.databaseUrl ?? settings.databaseUrl },
    log,
  );
  const undo: (() => Promise<unknown>)[] = [() => database.close()];
  const close = once(async () => {
    for (const step of undo.reverse()) {
      await step().catch((error: unknown) => log.error({ err: error }, 'closing failed'));
    }
  });
  try {
    const parts = assemble(options, dataDir, database, log);
    undo.push(
      () => parts.services.models.close(),
      () => parts.fetchPicture.close(),
      () => parts.styleWorkers.close(),
    );
    options.onProgress?.('Starting the job worker');
    await parts.worker.start();
    undo.push(() => parts.worker.stop());
    undo.push(
      keepSwept(
        [() => parts.uploads.sweep(), () => parts.services.uploads.sweep(), () => sweepUnfinished(dataDir)],
        log,
      ),
    );
    const graphql = createGraphqlServer();
    await graphql.start();
    undo.push(() => graphql.stop());
    const app = createHttpApp({
      ...parts,
      graphql,
      log,
      adminToken: settings.adminToken,
      trustLoopback: settings.trustLoopback,
      allowedOrigins: settings.allowedOrigins ?? [],
      checkReady: () => checkReady(database, parts.services),
      dashboardHandler: options.dashboardHandler,
    });
    const http = createHttpServer(app);
    refuseUpgrades(http);
    const address = await listen(http, options.host ?? '127.0.0.1', options.port ?? 4000);
    undo.push(() => closeHttp(http));
    // First of all: its batches end while the last requests are answered.
    undo.push(() => parts.worker.stop());
    log.info({ ...address }, 'listening');
    return { ...address, ...describe(parts.services, database), close };
  } catch (error) {
    await close().catch((failure: unknown) => log.error({ err: failure }, 'closing after a failed start'));
    throw error;
  }
}

const createLogger = (level = 'warn'): Logger => pino({ level }, pino.destination(2));

function assemble(options: ServerOptions, dataDir: string, database: Database, log: Logger) {
  const { prisma } = database;
  const blobs = createBlobStore(dataDir);
  const uploads = createUploadStore(dataDir);
  const fetchPicture = createPictureFetcher(options.fetcher);
  const models = createModelService(createModelRepository(prisma), options.model);
  const datasetRepository = createDatasetRepository(prisma);
  const importRepository = createImportRepository(prisma);
  const searchLimits = options.searchLimits ?? DEFAULT_SEARCH_LIMITS;
  const vectorIndex = createVectorIndex(prisma, { tail: searchLimits.exactUpTo });
  const search = createSearchService({
    repository: createSearchRepository(prisma, database.pool),
    index: vectorIndex,
    words: createWordsRepository(prisma),
    models,
    sources: { uploads, fetchPicture },
    secret: createServerSecret(prisma, 'search-cursor'),
    limits: searchLimits,
  });
  const importing = {
    dataDir,
    fetchItem: createItemFetcher(fetchPicture),
    archiveLimits: options.archiveLimits,
  };
  const builds = createBuildRepository(prisma);
  const checks = createCheckRepository(prisma);
  const styleWorkers = options.styleWorkers ?? createStyleWorkers();
  const spaceId = () => models.live()?.spaceId ?? null;
  const jobParts: JobParts = {
    ...importing,
    imports: importRepository,
    datasets: datasetRepository,
    blobs,
    builds,
    checks,
    workers: styleWorkers,
    model: models.ready,
    spaceId,
    segments: vectorIndex.segments,
    ensureIndex: () => search.refresh(),
    refreshStatistics: () => refreshStatistics(prisma),
    uploadImported: (sessionId, jobId) => services.uploads.imported(sessionId, jobId),
  };
  const kinds = createJobKinds([...jobKinds, ...(options.jobKinds ?? [])]);
  const worker: JobWorker = createJobWorker({
    queue: createJobQueue(prisma),
    kinds,
    parts: jobParts,
    log,
    alone: database.kind === 'embedded',
    limits: options.lanes,
    leaseMs: options.leaseMs,
  });
  const incoming = createIncomingFiles(dataDir);
  const jobs = createJobService({ jobs: createJobRepository(prisma), kinds, wake: () => worker.wake() });
  const datasets = createDatasetService(datasetRepository, () => models.live());
  const imageRepository = createImageRepository(prisma);
  const imports = createImportService({
    datasets,
    jobs,
    imports: importRepository,
    preview: (wanted) => previewImport(wanted, importing),
  });
  const services: Services = {
    builds: createBuildService({ datasets, jobs, builds, blobs, workers: styleWorkers }),
    checks: createCheckService(datasets, jobs, checks),
    splits: createSplitService(datasets, createSplitRepository(prisma)),
    datasets,
    exports: createExportService({ datasets, exports: createExportRepository(prisma), blobs }),
    jobs,
    ledger: createLedgerService(createLedgerRepository(prisma), jobs),
    models,
    search,
    queryStyles: createQueryStyleService(createQueryStyleRepository(prisma)),
    versions: createVersionService(createVersionRepository(prisma)),
    images: createImageService({
      images: imageRepository,
      statistics: createStatisticsRepository(prisma),
      hasDataset: async (id) => (await datasets.byIds([id])).length > 0,
      spaceId,
    }),
    places: createPlaceService(createPlaceRepository(prisma), spaceId),
    queries: createQueryService(createQueryRepository(prisma)),
    changes: createChangeService({
      changes: createChangeRepository(prisma),
      images: (ids) => imageRepository.byIds(ids),
      countSelection: (selection) => imageRepository.countSelection(selection, spaceId()),
      spaceId,
      onRestored: () => embedIfMissing(models.live(), jobs, importRepository, log),
    }),
    imports,
    uploads: createUploadService({
      uploads: createUploadRepository(prisma),
      files: incoming,
      datasets,
      imports,
      jobs,
      limits: options.uploadLimits,
    }),
  };
  embedWhatIsMissing(services, importRepository, log);
  return { services, worker, blobs, uploads, incoming, fetchPicture, styleWorkers };
}

/** A model of another space makes photos invisible until they have its vectors: that begins by itself. */
function embedWhatIsMissing({ models, jobs }: Services, imports: ImportRepository, log: Logger): void {
  models.ready
    .then((live) => embedIfMissing(live, jobs, imports, log))
    .catch((error: unknown) => log.error({ err: error }, 'the model is not usable'));
}

async function embedIfMissing(
  live: LiveModel | null,
  jobs: JobService,
  imports: ImportRepository,
  log: Logger,
): Promise<void> {
  const missing = live === null ? 0 : await imports.countWithoutVector(live.spaceId);
  if (missing === 0) return;
  log.info({ missing, model: live?.model.name }, 'photos lack vectors of the live model');
  await jobs.enqueue(embedJob, { payload: {} });
}

async function checkReady({ pool }: Database, { models }: Services): Promise<void> {
  models.require();
  await pool.query('SELECT 1').catch((error: unknown) => {
    throw new UnavailableError('The database cannot be reached.', error);
  });
}

function describe(services: Services, { kind, pgvectorVersion }: Database) {
  return {
    services,
    database: { kind, pgvectorVersion },
    modelReady: services.models.ready.then(() => {}),
    async importFolder(
      path: string,
      options: { name?: string; description?: string } = {},
    ): Promise<JobHandle> {
      const { job, dataset } = await services.imports.importFolder({ path: resolve(path), ...options });
      return {
        jobId: job.id,
        datasetId: dataset.id,
        datasetName: dataset.name,
        watch: (signal) => services.jobs.watch(job.id, signal),
        async finished() {
          let last = job;
          for await (const now of services.jobs.watch(job.id)) last = now;
          const tallies = await services.ledger.tallies([job.id]);
          return { ...last, ...(tallies.get(job.id) ?? NO_TALLY) };
        },
      };
    },
  };
}

/** Clears what nobody needs any more out of the data folder, now and every hour.
 *  @returns what ends that. */
function keepSwept(sweeps: readonly (() => Promise<unknown>)[], log: Logger): () => Promise<void> {
  const sweep = () => {
    for (const one of sweeps) {
      one().catch((error: unknown) => log.warn({ err: error }, 'old files were not deleted'));
    }
  };
  sweep();
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  return async () => clearInterval(timer);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action();
    return running;
  };
}
