import type { FacetCount, KeysetPage } from '../../platform/database/paging.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { JobService } from '../job/service.js';
import { type ImportItem, type LedgerRepository, requeueItems, type Tally } from './repository.js';

export interface LedgerService {
  rejects(jobId: string, page: KeysetPage): Promise<ImportItem[]>;
  countRejects(jobId: string): Promise<number>;
  /** Ledger entries by state, for each job that has any. */
  countStates(jobIds: readonly string[]): Promise<Map<string, FacetCount[]>>;
  tallies(jobIds: readonly string[]): Promise<Map<string, Tally>>;
  /** Tries refused and failed items again, and whatever a cancelled job left over.
   *  @throws {NotFoundError} @throws {ConflictError} if the job is not finished */
  retryFailed(jobId: string): Promise<Job>;
}

export const createLedgerService = (ledger: LedgerRepository, jobs: JobService): LedgerService => ({
  rejects: (jobId, page) => ledger.rejects(jobId, page),
  countRejects: (jobId) => ledger.countRejects(jobId),
  async countStates(jobIds) {
    const counts = new Map<string, FacetCount[]>();
    for (const { jobId, state, count } of await ledger.countStates(jobIds)) {
      counts.set(jobId, [...(counts.get(jobId) ?? []), { value: state, count }]);
    }
    return counts;
  },
  tallies: (jobIds) => ledger.tallies(jobIds),
  retryFailed: (jobId) => jobs.again(jobId, (tx) => requeueItems(tx, jobId)),
});
