import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Prisma } from '../../generated/prisma/client.js';
import { narrowed, within } from '../../platform/auth/within.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError } from '../../platform/errors.js';
import type { JobKind, JobKinds } from '../../platform/jobs/job-kind.js';
import type {
  Job,
  JobFilter,
  JobLogLine,
  JobRepository,
  Json,
  NewJob,
} from '../../platform/jobs/job-repository.js';

export interface Asked<Payload> {
  readonly payload: Payload;
  readonly datasetId?: string | null;
  /** Who asks for it; nothing for what the server begins by itself. */
  readonly startedBy?: string | null | undefined;
}

/** What a kind says of itself and of one of its jobs, in words for people. */
export interface JobWords {
  readonly title: string;
  readonly unit: string;
  readonly resume: string;
}

export interface JobService {
  byIds(ids: readonly string[]): Promise<Job[]>;
  latestOfDatasets(ids: readonly string[]): Promise<Job[]>;
  page(filter: JobFilter, page: KeysetPage): Promise<Job[]>;
  log(jobId: string, page: KeysetPage): Promise<JobLogLine[]>;
  countLog(jobId: string): Promise<number>;
  /** Also for a job whose kind or payload this release does not know. */
  words(job: Job): JobWords;
  /** Makes a job and wakes a worker, or finds the one that was asked for the same and is still unfinished. */
  enqueue<Schema extends z.ZodType>(
    kind: JobKind<string, Schema, never>,
    asked: Asked<z.input<Schema>>,
  ): Promise<Job>;
  /** A running job stops after the batch that it is at, and goes on from there when resumed.
   *  @throws {NotFoundError} @throws {ConflictError} if it is finished */
  pause(id: string): Promise<Job>;
  /** Also begins a job at once that waits for its next try.
   *  @throws {NotFoundError} @throws {ConflictError} if it is finished */
  resume(id: string): Promise<Job>;
  /** @throws {NotFoundError} @throws {ConflictError} if it is finished */
  cancel(id: string): Promise<Job>;
  /** Puts a finished job to work again; `prepare`, in the same transaction, says how many items are open again.
   *  @throws {NotFoundError} @throws {ConflictError} if it is not finished */
  again(id: string, prepare: (tx: Prisma.TransactionClient) => Promise<number>): Promise<Job>;
  /** The job as it is now and after every change, until it is finished or `signal` fires. */
  watch(id: string, signal?: AbortSignal): AsyncGenerator<Job>;
}

export interface JobServiceParts {
  readonly jobs: JobRepository;
  readonly kinds: JobKinds;
  /** Tells the worker of this process that a job waits. */
  wake(): void;
}

export function createJobService({ jobs, kinds, wake }: JobServiceParts): JobService {
  async function required(id: string): Promise<Job> {
    const [job] = isUuid(id) ? await jobs.byIds([id]) : [];
    if (!job) throw new NotFoundError('There is no such job.');
    return job;
  }
  async function change(id: string, to: () => Promise<Job | null>, refusal: string): Promise<Job> {
    await required(id);
    const changed = await to();
    if (changed === null) throw new ConflictError(refusal);
    wake();
    return changed;
  }

  return {
    byIds: (ids) => jobs.byIds(ids.filter(isUuid)),
    latestOfDatasets: (ids) => jobs.latestOfDatasets(ids),
    async page(filter, page) {
      const { datasetId } = filter;
      if (typeof datasetId === 'string' && !isUuid(datasetId)) return [];
      return jobs.page(filter, page);
    },
    log: (jobId, page) => jobs.log(jobId, page),
    countLog: (jobId) => jobs.countLog(jobId),
    words: (job) => wordsOf(job, kinds),
    async enqueue(kind, asked) {
      const wanted = newJob(kind, asked);
      const job = (await jobs.unfinished(wanted)) ?? (await jobs.create(wanted));
      wake();
      return job;
    },
    pause: (id) => change(id, () => jobs.pause(id), FINISHED),
    resume: (id) => change(id, () => jobs.resume(id), FINISHED),
    cancel: (id) => change(id, () => jobs.cancel(id), FINISHED),
    again: (id, prepare) =>
      change(id, () => jobs.requeue(id, prepare), 'The job is still at work; retry when it is finished.'),
    watch: (id, signal) => watch(required, id, signal),
  };
}

const FINISHED = 'The job is finished already.';

function wordsOf(job: Job, kinds: JobKinds): JobWords {
  const kind = kinds.find(job.kind);
  if (kind === null) return { title: job.kind, unit: 'items', resume: '' };
  const { unit, resume } = kind;
  try {
    return { title: kind.describe(kinds.payloadOf(job)), unit, resume };
  } catch {
    return { title: kind.summary, unit, resume };
  }
}

function newJob<Schema extends z.ZodType>(
  kind: JobKind<string, Schema, never>,
  { payload, datasetId = null, startedBy = null }: Asked<z.input<Schema>>,
): NewJob {
  // Checked now, kept as it was asked for: the same wish is known again, whatever its defaults become.
  const parsed = kind.payload.parse(payload);
  return {
    kind: kind.name,
    lane: kind.lane,
    datasetId,
    payload: JSON.parse(JSON.stringify(payload)) as Json,
    payloadVersion: kind.version ?? 1,
    exclusive: exclusiveOf(kind, parsed, datasetId),
    startedBy,
  };
}

function exclusiveOf<Schema extends z.ZodType>(
  kind: JobKind<string, Schema, never>,
  payload: z.output<Schema>,
  datasetId: string | null,
): string | null {
  if (kind.exclusive !== undefined) return kind.exclusive({ payload, datasetId });
  return kind.lane === 'io' && datasetId !== null ? `dataset ${datasetId}` : null;
}

// What a person sees as live, and light on the database.
const WATCH_MS = 300;

async function* watch(
  required: (id: string) => Promise<Job>,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Job> {
  let last = '';
  while (!signal?.aborted) {
    const job = await required(id).catch((error: unknown) => {
      // A database that is away for a moment comes back; who watches is not sent away for it.
      if (last === '' || error instanceof NotFoundError) throw error;
      return null;
    });
    const seen = job ? textOf(job) : last;
    if (job && seen !== last) yield job;
    last = seen;
    if (job && job.finishedAt !== null) return;
    await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
  }
}

/** All that people are told: signs of life alone are no change. */
const textOf = ({ leaseUntil: _until, heartbeatAt: _heartbeat, ...told }: Job): string =>
  JSON.stringify(told);

/** The service for a caller who may see some datasets alone. Jobs of no dataset are not among theirs. */
export function jobsWithin(all: JobService, own: ReadonlySet<string>): JobService {
  const byIds: JobService['byIds'] = async (ids) => within(await all.byIds(ids), own);
  const owned = async (id: string): Promise<void> => {
    if ((await byIds([id])).length === 0) throw new NotFoundError('There is no such job.');
  };
  return {
    ...all,
    byIds,
    latestOfDatasets: (ids) => all.latestOfDatasets(ids.filter((id) => own.has(id))),
    page: (filter, page) =>
      all.page({ ...filter, datasetId: narrowed(filter.datasetId as string | null | undefined, own) }, page),
    pause: async (id) => owned(id).then(() => all.pause(id)),
    resume: async (id) => owned(id).then(() => all.resume(id)),
    cancel: async (id) => owned(id).then(() => all.cancel(id)),
    again: async (id, prepare) => owned(id).then(() => all.again(id, prepare)),
    async *watch(id, signal) {
      await owned(id);
      yield* all.watch(id, signal);
    },
  };
}
