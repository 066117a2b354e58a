import { defineModule } from '../../platform/module.js';
import { queryStyleLoaders } from './loaders.js';
import { createQueryStyleRepository } from './repository.js';
import { createQueryStyleService, type QueryStyleService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly queryStyles: QueryStyleService;
  }
}

export const queryStyleModule = defineModule({
  name: 'query-style',
  loaders: queryStyleLoaders,
  create: ({ prisma }) => ({
    services: { queryStyles: createQueryStyleService(createQueryStyleRepository(prisma)) },
  }),
});
