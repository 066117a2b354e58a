import { rowIdOf } from '../../platform/graphql/global-id.js';
import { defineModule } from '../../platform/module.js';
import { createSearchRepository } from './repository.js';
import { createSearchService, type SearchLimits, type SearchService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly search: SearchService;
  }
  interface ModuleOptions {
    readonly searchLimits?: SearchLimits | undefined;
  }
}

export const searchModule = defineModule({
  name: 'search',
  create({ prisma, uploads, fetchPicture, options, services: { models } }) {
    const photoId = (globalId: string) => rowIdOf('Image', globalId);
    const sources = { uploads, fetchPicture, photoId };
    const search = createSearchService(createSearchRepository(prisma), models, sources, options.searchLimits);
    return { services: { search } };
  },
});
