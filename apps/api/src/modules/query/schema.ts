import { BY_ID } from '../../platform/database/paging.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';
import { ImageRef } from '../photo/ref.js';
import { thumbnailUrl } from '../photo/thumbnail-url.js';
import { DatasetQueryRef } from './ref.js';

const authScopes = { role: 'VIEWER' } as const;

const QueryOriginEnum = builder.enumType('QueryOrigin', {
  values: {
    BROUGHT: { description: 'Came with an import.' },
    MADE: { description: 'Made of the photo by a style maker.' },
  } as const,
});

builder.node(DatasetQueryRef, {
  authScopes,
  description: 'A query of a dataset: a picture or words in a style, which mean one photo or a class.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.queries.loadMany(ids),
  fields: (t) => ({
    style: t.exposeString('style'),
    origin: t.field({ type: QueryOriginEnum, resolve: ({ origin }) => origin }),
    maker: t.exposeString('maker', { nullable: true, description: 'Of a query that was made here.' }),
    strength: t.exposeFloat('strength', { nullable: true, description: 'From 0 to 1.' }),
    text: t.exposeString('text', { nullable: true, description: 'Its words; null for pictures.' }),
    class: t.exposeString('className', { nullable: true }),
    split: t.exposeString('split', { nullable: true }),
    fileName: t.exposeString('fileName', {
      nullable: true,
      description: 'Path inside the folder that it came from; null for words and for what was made here.',
    }),
    width: t.exposeInt('width', { nullable: true }),
    height: t.exposeInt('height', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    thumbnailUrl: t.string({
      nullable: true,
      description: 'Path of a WebP whose longest edge has at least `size` pixels; null for words.',
      args: { size: t.arg.int({ defaultValue: 256, required: false }) },
      resolve: ({ contentHash }, { size }) => (contentHash === null ? null : thumbnailUrl(contentHash, size)),
    }),
    fileUrl: t.string({
      nullable: true,
      description: 'Path of the picture; null for words.',
      resolve: ({ contentHash }) => (contentHash === null ? null : `/files/${contentHash}`),
    }),
    image: t.field({
      type: ImageRef,
      nullable: true,
      description: 'The photo that is meant; null where every photo of the class is.',
      resolve: ({ imageId }, _args, { loaders }) => (imageId === null ? null : loaders.images.load(imageId)),
    }),
    dataset: t.field({
      type: DatasetRef,
      resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.loadRequired(datasetId),
    }),
  }),
});

builder.objectField(ImageRef, 'queries', (t) =>
  t.connection(
    {
      type: DatasetQueryRef,
      description: 'Queries that mean this photo, in the order in which they came in.',
      args: { styles: t.arg.stringList({ description: 'Only these styles.' }) },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (image, { styles: wanted, ...args }, { services }) => {
        const styles = wanted && wanted.length > 0 ? wanted : null;
        const page = await keysetConnection(args, BY_ID, (keys) =>
          services.queries.pageOfImage(image.id, styles, keys),
        );
        return { ...page, imageId: image.id, styles };
      },
    },
    {
      name: 'QueryConnection',
      fields: (c) => ({
        totalCount: c.int({
          resolve: ({ imageId, styles }, _args, { services }) =>
            services.queries.countOfImage(imageId, styles),
        }),
      }),
    },
    { name: 'QueryEdge' },
  ),
);
