import { defineModule } from '../../platform/module.js';
import { queryLoaders } from './loaders.js';
import { createQueryRepository } from './repository.js';
import { createQueryService, type QueryService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly queries: QueryService;
  }
}

export const queryModule = defineModule({
  name: 'query',
  loaders: queryLoaders,
  create: ({ prisma }) => ({ services: { queries: createQueryService(createQueryRepository(prisma)) } }),
});
