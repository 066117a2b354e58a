import type { Logger } from 'pino';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { ImportRepository } from '../import/commit/repository.js';
import type { JobService } from '../job/service.js';
import type { ModelRegistry } from '../model/registry.js';
import type { ModelService } from '../model/service.js';
import { backfillJob } from './backfill-job.js';
import { embedJob } from './job.js';
import type { SpaceCounts, SpaceRepository, SpaceRow } from './repository.js';

export interface EmbeddingSpaceService {
  /** Begins to encode the photos that have no vector of the live model; does nothing while no model is live.
   *  A model of another space makes photos invisible until they have its vectors. */
  embedMissing(): Promise<void>;
  all(): Promise<SpaceRow[]>;
  byIds(ids: readonly string[]): Promise<SpaceRow[]>;
  counts(ids: readonly string[]): Promise<Map<string, SpaceCounts>>;
  /** Encodes the gallery for a backbone, or for that of a query encoder, beside the space that is searched.
   *  @throws {NotFoundError} @throws {ConflictError} for a model that cannot be opened, and for the space that answers. */
  backfill(modelId: string, startedBy: string | null): Promise<Job>;
  /** The latest backfill of a backbone. */
  backfillOf(modelId: string): Promise<Job | null>;
  /** @returns bytes that its vectors and their index took. @throws {NotFoundError} @throws {ConflictError} */
  delete(id: string): Promise<number>;
}

export interface EmbeddingSpaceServiceParts {
  readonly models: ModelService;
  readonly registry: ModelRegistry;
  readonly jobs: JobService;
  readonly spaces: SpaceRepository;
  readonly imports: Pick<ImportRepository, 'countWithoutVector'>;
  readonly log: Logger;
}

export function createEmbeddingSpaceService(parts: EmbeddingSpaceServiceParts): EmbeddingSpaceService {
  const { models, registry, jobs, spaces, imports, log } = parts;
  const numbers = (ids: readonly string[]) => ids.filter((id) => /^\d{1,9}$/.test(id)).map(Number);
  const backfills = (limit: number) =>
    jobs.page({ kinds: [backfillJob.name] }, { after: null, before: null, limit, inverted: false });
  return {
    async embedMissing() {
      const live = models.live();
      const missing = live === null ? 0 : await imports.countWithoutVector(live.spaceId);
      if (missing === 0) return;
      log.info({ missing, model: live?.model.name }, 'photos lack vectors of the live model');
      await jobs.enqueue(embedJob, { payload: {} });
    },
    all: () => spaces.all(),
    byIds: (ids) => spaces.byIds(numbers(ids)),
    counts: async (ids) =>
      new Map([...(await spaces.counts(numbers(ids)))].map(([id, counts]) => [String(id), counts])),
    async backfill(modelId, startedBy) {
      const [model] = isUuid(modelId) ? await registry.byIds([modelId]) : [];
      if (model === undefined) throw new NotFoundError('There is no such model.');
      const backbone = model.kind === 'BACKBONE' ? model : await registry.backbone(model.spaceHash);
      if (backbone === null)
        throw new ConflictError(`The backbone of ${model.name} is not here: add it first.`);
      if (models.live()?.model.spaceHash === backbone.spaceHash) {
        const live = models.require();
        if ((await imports.countWithoutVector(live.spaceId)) === 0)
          throw new ConflictError(
            `Searches go to the space of ${backbone.name} already, and every photo is in it.`,
          );
      }
      // Told now rather than by a job that fails.
      await models.place(backbone);
      return jobs.enqueue(backfillJob, {
        payload: { modelId: backbone.id, name: backbone.name },
        startedBy,
      });
    },
    async backfillOf(modelId) {
      const found = await backfills(50);
      return (
        found.find(
          ({ payload }) => (payload as { readonly modelId?: unknown } | null)?.modelId === modelId,
        ) ?? null
      );
    },
    async delete(id) {
      const [space] = await spaces.byIds(numbers([id]));
      if (space === undefined) throw new NotFoundError('There is no such embedding space.');
      const busy = (await backfills(20)).filter(({ finishedAt }) => finishedAt === null);
      const backbone = await registry.backbone(space.spaceHash);
      if (
        busy.some(
          ({ payload }) => (payload as { readonly modelId?: unknown } | null)?.modelId === backbone?.id,
        )
      )
        throw new ConflictError('The gallery is being encoded into this space: cancel that first.');
      const bytes = (await spaces.counts([space.id])).get(space.id)?.bytes ?? 0;
      if (!(await spaces.delete(space.id)))
        throw new ConflictError('This space is searched now: switch to another first.');
      return bytes;
    },
  };
}
