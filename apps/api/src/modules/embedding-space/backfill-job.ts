import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import { defineJobKind } from '../../platform/jobs/job-kind.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { ImportRepository } from '../import/commit/repository.js';
import type { LiveModel } from '../model/service.js';
import { runEmbed } from './run-embed.js';

export interface BackfillJobParts {
  readonly imports: ImportRepository;
  readonly blobs: BlobStore;
  /** Opens a model beside the one that answers. */
  openBeside(modelId: string, threads: number): Promise<LiveModel>;
  /** Names the model for its space, where nothing stands for it yet. */
  nameFor(spaceId: number, modelId: string): Promise<void>;
  extendIndex(spaceId: number, dimensions: number): Promise<void>;
  refreshStatistics(): Promise<void>;
}

/** Searches keep half of the processor. */
const THREADS = Math.max(1, Math.floor(availableParallelism() / 2));

/** Encodes the gallery into the space of another backbone, while searches go on in the one that answers. */
export const backfillJob = defineJobKind({
  name: 'BACKFILL',
  summary: 'Encodes the gallery into another embedding space, beside the one that is searched.',
  lane: 'compute',
  payload: z.object({ modelId: z.uuid(), name: z.string() }),
  describe: ({ name }) => `Encode the gallery for ${name}`,
  unit: 'photos',
  resume: 'Looks for the photos that have no vector there yet.',
  exclusive: ({ payload: { modelId } }) => `backfill ${modelId}`,
  async run(run, parts: BackfillJobParts) {
    const live = await parts.openBeside(run.payload.modelId, THREADS);
    try {
      await parts.nameFor(live.spaceId, run.payload.modelId);
      const end = await runEmbed({ ...parts, model: Promise.resolve(live) }, run);
      await run.say('Making the index');
      await parts.extendIndex(live.spaceId, live.model.dimensions);
      await parts.refreshStatistics();
      const missing = await parts.imports.countWithoutVector(live.spaceId);
      if (missing > 0 && end.message != null)
        throw new JobFailure(`${missing} photos could not be encoded; the log names them.`, {
          code: 'PHOTOS_NOT_ENCODED',
        });
      return {
        message: missing === 0 ? 'Every photo has its vector.' : `${missing} photos came in meanwhile.`,
      };
    } finally {
      await live.model.close();
    }
  },
});
