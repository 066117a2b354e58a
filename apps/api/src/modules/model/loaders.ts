import { type LoadersOf, rowLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof modelLoaders> {}
}

export const modelLoaders = {
  registeredModels: ({ modelRegistry }: Services) => rowLoader('model', (ids) => modelRegistry.byIds(ids)),
};
