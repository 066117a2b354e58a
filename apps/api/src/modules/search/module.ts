import { createServerSecret } from '../../platform/auth/server-secret.js';
import { defineModule } from '../../platform/module.js';
import { imagesWithin } from '../photo/service.js';
import { createSearchRepository } from './find/repository.js';
import { createVectorIndex, type VectorIndex } from './find/vector-index.js';
import { searchLoaders } from './loaders.js';
import { createWordsRepository } from './parse/words-repository.js';
import {
  createSearchService,
  DEFAULT_SEARCH_LIMITS,
  type SearchLimits,
  type SearchService,
} from './service.js';
import { searchWithin } from './within.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly search: SearchService;
    readonly vectorIndex: VectorIndex;
  }
  interface ModuleOptions {
    readonly searchLimits?: SearchLimits | undefined;
  }
}

export const searchModule = defineModule({
  name: 'search',
  loaders: searchLoaders,
  create({
    prisma,
    database,
    uploads,
    fetchPicture,
    pictures,
    metrics,
    options,
    services: { models, images },
  }) {
    const limits = options.searchLimits ?? DEFAULT_SEARCH_LIMITS;
    const vectorIndex = createVectorIndex(prisma, { tail: limits.exactUpTo });
    const search = createSearchService({
      repository: createSearchRepository(prisma, database.pool),
      index: vectorIndex,
      words: createWordsRepository(prisma),
      models,
      sources: { uploads, fetchPicture },
      pictures,
      metrics,
      secret: createServerSecret(prisma, 'search-cursor'),
      limits,
    });
    return {
      services: { search, vectorIndex },
      scope: (own) => ({ search: searchWithin(search, own, imagesWithin(images, own)) }),
    };
  },
});
