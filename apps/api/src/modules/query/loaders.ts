import { type LoadersOf, rowLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof queryLoaders> {}
}

export const queryLoaders = {
  queries: ({ queries }: Services) => rowLoader('query', (ids) => queries.byIds(ids)),
};
