import type { LoadersOf } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof searchLoaders> {}
}

export const searchLoaders = {
  /** Decodes the pictures of this request's searches, each once. */
  queryPictures: ({ search }: Services) => search.pictures(),
};
