import { type LoadersOf, valueLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';
import type { QueryStyle } from './repository.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof queryStyleLoaders> {}
}

export const queryStyleLoaders = {
  queryStyles: ({ queryStyles }: Services) =>
    valueLoader<QueryStyle[]>((ids) => queryStyles.ofDatasets(ids), []),
};
