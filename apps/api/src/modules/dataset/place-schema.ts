import { builder } from '../../platform/graphql/builder.js';
import { filterOf, ImageFilterInput } from '../photo/filter-input.js';
import type { ImagePlace } from '../photo/place-repository.js';
import { ImageRef } from '../photo/ref.js';
import { DatasetRef } from './ref.js';

const authScopes = { role: 'VIEWER' } as const;

const ImagePlaceRef = builder.objectRef<ImagePlace>('ImagePlace').implement({
  authScopes,
  description: 'Where a photo stands among those behind a filter.',
  fields: (t) => ({
    index: t.int({
      nullable: true,
      description: 'From 0; null where the filter leaves the photo out.',
      resolve: ({ before, isInside }) => (isInside ? before : null),
    }),
    total: t.exposeInt('total', { description: 'Photos behind the filter.' }),
    previous: t.field({
      type: ImageRef,
      nullable: true,
      resolve: ({ previousId }, _args, { loaders }) =>
        previousId === null ? null : loaders.images.load(previousId),
    }),
    next: t.field({
      type: ImageRef,
      nullable: true,
      resolve: ({ nextId }, _args, { loaders }) => (nextId === null ? null : loaders.images.load(nextId)),
    }),
  }),
});

builder.objectField(DatasetRef, 'imagePlace', (t) =>
  t.field({
    type: ImagePlaceRef,
    nullable: true,
    description:
      'The photos beside one behind a filter, also where the filter leaves it out. Null for a photo of another dataset.',
    args: {
      imageId: t.arg.globalID({ required: true, for: ImageRef }),
      filter: t.arg({ type: ImageFilterInput, required: false }),
    },
    complexity: { field: 50, multiplier: 1 },
    resolve: async ({ id }, { imageId, filter }, { services, loaders }) => {
      const image = await loaders.images.load(imageId.id);
      return image?.datasetId === id ? services.places.placeOf(id, filterOf(filter), image.id) : null;
    },
  }),
);
