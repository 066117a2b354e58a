import { defineModule } from '../../platform/module.js';
import { createErasureRepository } from './repository.js';
import { createErasureService, type ErasureService, KEEP_DELETED_DAYS } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly erasure: ErasureService;
  }
}

export const erasureModule = defineModule({
  name: 'erasure',
  create({ prisma, blobs, uploads, access, settings, log, services: { datasets, search } }) {
    const erasure = createErasureService({
      repository: createErasureRepository(prisma),
      ...{ blobs, uploads, log },
      audit: access.audit,
      keepDays: settings.keepDeletedDays ?? KEEP_DELETED_DAYS,
      hasDataset: async (id) => (await datasets.byIds([id])).length > 0,
      // Without a model there is nothing to count for.
      onErased: () =>
        search.refresh().catch((error: unknown) => log.warn({ err: error }, 'words were not counted anew')),
    });
    return { services: { erasure }, sweep: () => erasure.sweep() };
  },
});
