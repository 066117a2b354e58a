import { ValidationError } from '../../errors.js';
import { builder } from '../../graphql/builder.js';
import { thumbnailSizeFor } from '../../storage/blob-store.js';
import { DatasetRef } from '../dataset/ref.js';
import { ImageRef } from './ref.js';

const authScopes = { role: 'VIEWER' } as const;

builder.node(ImageRef, {
  authScopes,
  description: 'A gallery photo.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.images.loadMany(ids),
  fields: (t) => ({
    fileName: t.exposeString('fileName', { description: 'Path inside the folder that it came from.' }),
    width: t.exposeInt('width', { description: 'Pixels, after the camera’s rotation was applied.' }),
    height: t.exposeInt('height'),
    byteSize: t.exposeInt('byteSize'),
    contentHash: t.exposeString('contentHash', { description: 'sha256 of the original, hex.' }),
    class: t.exposeString('className', { nullable: true }),
    split: t.exposeString('split', { nullable: true }),
    captions: t.stringList({ resolve: ({ captions }) => captions }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    thumbnailUrl: t.string({
      description:
        'Path of a WebP whose longest edge has at least `size` pixels, as far as the photo has them.',
      args: { size: t.arg.int({ defaultValue: 256, required: false }) },
      resolve: ({ contentHash }, { size }) => {
        const wanted = size ?? 256;
        if (wanted < 1) throw ValidationError.at(['size'], `expected at least 1, got ${wanted}`);
        return `/thumbnails/${thumbnailSizeFor(wanted)}/${contentHash}`;
      },
    }),
    fileUrl: t.string({
      description: 'Path of the original.',
      resolve: ({ contentHash }) => `/files/${contentHash}`,
    }),
    dataset: t.field({
      type: DatasetRef,
      resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.loadRequired(datasetId),
    }),
  }),
});

builder.queryFields((t) => ({
  image: t.field({
    type: ImageRef,
    nullable: true,
    authScopes,
    args: { id: t.arg.globalID({ required: true, for: ImageRef }) },
    resolve: (_root, { id }, { loaders }) => loaders.images.load(id.id),
  }),
}));
