import { type LoadersOf, rowLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof changeLoaders> {}
}

export const changeLoaders = {
  changes: ({ changes }: Services) => rowLoader('change', (ids) => changes.byIds(ids)),
};
