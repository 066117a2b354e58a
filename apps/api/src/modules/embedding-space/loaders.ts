import { type LoadersOf, valueLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof spaceLoaders> {}
}

export const spaceLoaders = {
  spaceCounts: ({ embeddingSpaces }: Services) =>
    valueLoader((ids) => embeddingSpaces.counts(ids), { vectors: 0, missing: 0, bytes: 0 }),
};
