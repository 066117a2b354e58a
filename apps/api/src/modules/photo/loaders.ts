import { type LoadersOf, listLoader, rowLoader, valueLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';
import type { ImageState } from './filter.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof photoLoaders> {}
}

export const photoLoaders = {
  images: ({ images }: Services) => rowLoader('image', (ids) => images.byIds(ids)),
  imageStates: ({ images }: Services) => valueLoader<ImageState>((ids) => images.states(ids), 'DELETED'),
  nearDuplicates: ({ images }: Services) =>
    listLoader(
      (ids) => images.nearDuplicates(ids),
      ({ imageId }) => imageId,
    ),
};
