import { defineModule } from '../../platform/module.js';
import { createSplitRepository } from './repository.js';
import { createSplitService, type SplitService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly splits: SplitService;
  }
}

export const splitModule = defineModule({
  name: 'split',
  create: ({ prisma, services: { datasets } }) => ({
    services: { splits: createSplitService(datasets, createSplitRepository(prisma)) },
  }),
});
