import { type LoadersOf, rowLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof trainingLoaders> {}
}

export const trainingLoaders = {
  trainings: ({ trainings }: Services) => rowLoader('training', (ids) => trainings.byIds(ids)),
};
