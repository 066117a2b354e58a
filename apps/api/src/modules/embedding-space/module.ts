import { defineModule } from '../../platform/module.js';
import { createImportRepository } from '../import/commit/repository.js';
import { embedJob } from './job.js';
import { createEmbeddingSpaceService, type EmbeddingSpaceService } from './service.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly embeddingSpaces: EmbeddingSpaceService;
  }
}

export const embeddingSpaceModule = defineModule({
  name: 'embedding-space',
  jobs: [embedJob],
  create({ prisma, blobs, log, refreshStatistics, services: { jobs, models, search } }) {
    const imports = createImportRepository(prisma);
    const embeddingSpaces = createEmbeddingSpaceService({ models, jobs, imports, log });
    return {
      services: { embeddingSpaces },
      jobParts: {
        imports,
        blobs,
        model: models.ready,
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
