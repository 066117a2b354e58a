import { type LoadersOf, valueLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof checkLoaders> {}
}

export const checkLoaders = {
  likePhotoCounts: ({ checks }: Services) => valueLoader((ids) => checks.countLikePhotos(ids), 0),
  checkedAt: ({ checks }: Services) => valueLoader<Date | null>((ids) => checks.checkedAt(ids), null),
};
