import { setTimeout as sleep } from 'node:timers/promises';
import type { FacetCount, KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError } from '../../platform/errors.js';
import type { ImportItem, Job, JobFilter, JobKind, JobOptions, JobRepository } from './repository.js';

export interface JobService {
  byIds(ids: readonly string[]): Promise<Job[]>;
  latestOfDatasets(ids: readonly string[]): Promise<Job[]>;
  page(filter: JobFilter, page: KeysetPage): Promise<Job[]>;
  rejects(jobId: string, page: KeysetPage): Promise<ImportItem[]>;
  countRejects(jobId: string): Promise<number>;
  /** Ledger entries by state, for each job that has any. */
  countStates(jobIds: readonly string[]): Promise<Map<string, FacetCount[]>>;
  /** Makes a job and wakes a worker, or finds the one that was asked for the same and is still unfinished. */
  enqueue(kind: JobKind, datasetId: string | null, options?: JobOptions): Promise<Job>;
  /** A running job stops after the batch that it is at, and goes on from there when resumed.
   *  @throws {NotFoundError} @throws {ConflictError} if it is finished */
  pause(id: string): Promise<Job>;
  /** @throws {NotFoundError} @throws {ConflictError} if it is finished */
  resume(id: string): Promise<Job>;
  /** @throws {NotFoundError} @throws {ConflictError} if it is finished */
  cancel(id: string): Promise<Job>;
  /** @throws {NotFoundError} @throws {ConflictError} if it is not finished */
  retryFailed(id: string): Promise<Job>;
  /** The job as it is now and after every change, until it is finished or `signal` fires. */
  watch(id: string, signal?: AbortSignal): AsyncGenerator<Job>;
}

// What a person sees as live, and light on the database.
const WATCH_MS = 300;

/** @param wake tells the workers that a job waits. */
export function createJobService(
  repository: JobRepository,
  wake: (jobId: string) => Promise<void>,
): JobService {
  async function required(id: string): Promise<Job> {
    const [job] = isUuid(id) ? await repository.byIds([id]) : [];
    if (!job) throw new NotFoundError('There is no such job.');
    return job;
  }

  return {
    byIds: (ids) => repository.byIds(ids.filter(isUuid)),
    latestOfDatasets: (ids) => repository.latestOfDatasets(ids),
    async page(filter, page) {
      if (filter.datasetId && !isUuid(filter.datasetId)) return [];
      return repository.page(filter, page);
    },
    rejects: (jobId, page) => repository.rejects(jobId, page),
    countRejects: (jobId) => repository.countRejects(jobId),
    async countStates(jobIds) {
      const counts = new Map<string, FacetCount[]>();
      for (const { jobId, state, count } of await repository.countStates(jobIds)) {
        counts.set(jobId, [...(counts.get(jobId) ?? []), { value: state, count }]);
      }
      return counts;
    },
    async enqueue(kind, datasetId, options = {}) {
      const job =
        (await repository.unfinished(kind, datasetId, options)) ??
        (await repository.create(kind, datasetId, options));
      await wake(job.id);
      return job;
    },
    async pause(id) {
      await required(id);
      const paused = await repository.pause(id);
      if (paused === null) throw new ConflictError('The job is finished already.');
      return paused;
    },
    async resume(id) {
      await required(id);
      const resumed = await repository.resume(id);
      if (resumed === null) throw new ConflictError('The job is finished already.');
      await wake(id);
      return resumed;
    },
    async cancel(id) {
      await required(id);
      const cancelled = await repository.cancel(id);
      if (cancelled === null) throw new ConflictError('The job is finished already.');
      return cancelled;
    },
    async retryFailed(id) {
      await required(id);
      const requeued = await repository.requeue(id);
      if (requeued === null) throw new ConflictError('The job is still at work; retry when it is finished.');
      await wake(id);
      return requeued;
    },
    async *watch(id, signal) {
      let last = '';
      while (!signal?.aborted) {
        const job = await required(id).catch((error: unknown) => {
          // A database that is away for a moment comes back; who watches is not sent away for it.
          if (last === '' || error instanceof NotFoundError) throw error;
          return null;
        });
        const seen = job ? JSON.stringify(job) : last;
        if (job && seen !== last) yield job;
        last = seen;
        if (job && job.finishedAt !== null) return;
        await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
      }
    },
  };
}
