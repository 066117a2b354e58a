import type { Logger } from 'pino';
import type { ImportRepository } from '../import/commit/repository.js';
import type { JobService } from '../job/service.js';
import type { ModelService } from '../model/service.js';
import { embedJob } from './job.js';

export interface EmbeddingSpaceService {
  /** Begins to encode the photos that have no vector of the live model; does nothing while no model is live.
   *  A model of another space makes photos invisible until they have its vectors. */
  embedMissing(): Promise<void>;
}

export interface EmbeddingSpaceServiceParts {
  readonly models: ModelService;
  readonly jobs: JobService;
  readonly imports: Pick<ImportRepository, 'countWithoutVector'>;
  readonly log: Logger;
}

export const createEmbeddingSpaceService = ({
  models,
  jobs,
  imports,
  log,
}: EmbeddingSpaceServiceParts): EmbeddingSpaceService => ({
  async embedMissing() {
    const live = models.live();
    const missing = live === null ? 0 : await imports.countWithoutVector(live.spaceId);
    if (missing === 0) return;
    log.info({ missing, model: live?.model.name }, 'photos lack vectors of the live model');
    await jobs.enqueue(embedJob, { payload: {} });
  },
});
