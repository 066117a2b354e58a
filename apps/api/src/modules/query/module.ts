import { within } from '../../platform/auth/within.js';
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
  create({ prisma }) {
    const queries = createQueryService(createQueryRepository(prisma));
    return {
      services: { queries },
      scope: (own) => ({
        queries: { ...queries, byIds: async (ids) => within(await queries.byIds(ids), own) },
      }),
    };
  },
});
