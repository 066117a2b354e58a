import type { KeysetPage } from '../../platform/database/paging.js';
import { NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { JobService } from '../job/service.js';
import { checkJob } from './job.js';
import type { CheckRepository, LikePair } from './repository.js';

export interface CheckService {
  /** Begins a check, or finds the same one still at it. @param similarity cosine from which on photos count as alike
   *  without being copies; null for copies alone. @throws {NotFoundError} @throws {ValidationError} */
  start(datasetId: string, similarity: number | null, startedBy?: string | null): Promise<Job>;
  leaks(datasetId: string, page: KeysetPage): Promise<LikePair[]>;
  countLeaks(datasetId: string): Promise<number>;
  countLikePhotos(datasetIds: readonly string[]): Promise<Map<string, number>>;
  checkedAt(datasetIds: readonly string[]): Promise<Map<string, Date>>;
}

export const createCheckService = (
  datasets: DatasetService,
  jobs: JobService,
  checks: CheckRepository,
): CheckService => ({
  async start(datasetId, similarity, startedBy) {
    if (similarity !== null && !(similarity >= 0.5 && similarity <= 1)) {
      throw ValidationError.at(['similarity'], `expected 0.5 to 1, got ${similarity}`);
    }
    const [dataset] = await datasets.byIds([datasetId]);
    if (dataset === undefined) throw new NotFoundError('There is no such dataset.');
    return jobs.enqueue(checkJob, { payload: { similarity }, datasetId: dataset.id, startedBy });
  },
  leaks: (datasetId, page) => checks.leaks(datasetId, page),
  countLeaks: (datasetId) => checks.countLeaks(datasetId),
  countLikePhotos: (datasetIds) => checks.countLikePhotos(datasetIds),
  checkedAt: (datasetIds) => checks.checkedAt(datasetIds),
});
