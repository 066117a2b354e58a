import { type LoadersOf, rowLoader, valueLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof datasetLoaders> {}
}

const EMPTY = { images: 0, queries: 0, indexed: 0, rejected: 0 };

export const datasetLoaders = {
  datasets: ({ datasets }: Services) => rowLoader('dataset', (ids) => datasets.byIds(ids)),
  datasetCounts: ({ datasets }: Services) => valueLoader((ids) => datasets.counts(ids), EMPTY),
};
