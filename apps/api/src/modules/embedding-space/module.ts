import { defineModule } from '../../platform/module.js';
import { createImportRepository } from '../import/commit/repository.js';
import { createModelRepository } from '../model/repository.js';
import { backfillJob } from './backfill-job.js';
import { embedJob } from './job.js';
import { spaceLoaders } from './loaders.js';
import { createSpaceRepository } from './repository.js';
import './schema.js';
import { createEmbeddingSpaceService, type EmbeddingSpaceService } from './service.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly embeddingSpaces: EmbeddingSpaceService;
  }
}

export const embeddingSpaceModule = defineModule({
  name: 'embedding-space',
  loaders: spaceLoaders,
  jobs: [embedJob, backfillJob],
  create({ prisma, blobs, log, refreshStatistics, services }) {
    const { jobs, models, modelRegistry: registry, search, vectorIndex } = services;
    const imports = createImportRepository(prisma);
    const spaces = createSpaceRepository(prisma);
    const embeddingSpaces = createEmbeddingSpaceService({ models, registry, jobs, spaces, imports, log });
    return {
      services: { embeddingSpaces },
      jobParts: {
        imports,
        blobs,
        get model() {
          return models.current();
        },
        openBeside: (modelId: string, threads: number) => models.openBeside(modelId, threads),
        nameFor: (spaceId: number, modelId: string) =>
          createModelRepository(prisma).nameFor(spaceId, modelId),
        extendIndex: (spaceId: number, dimensions: number) => vectorIndex.extend(spaceId, dimensions),
        ensureIndex: () => search.refresh(),
        refreshStatistics,
      },
      start() {
        models.ready
          .then(() => embeddingSpaces.embedMissing())
          .catch((error: unknown) => log.error({ err: error }, 'the model is not usable'));
      },
    };
  },
});
