import { encodeGlobalID } from '@pothos/plugin-relay';
import { builder } from '../../platform/graphql/builder.js';
import { ImageRef } from '../photo/ref.js';
import { thumbnailUrl } from '../photo/thumbnail-url.js';
import { StylePictureRef } from './ref.js';

const authScopes = { role: 'VIEWER' } as const;

builder.objectType(StylePictureRef, {
  name: 'StylePicture',
  authScopes,
  description: 'A picture of a style space: a photo, or a query of its dataset.',
  fields: (t) => ({
    index: t.exposeInt('ordinal', {
      description: 'Its number in the space: maps and edits name it by this.',
    }),
    isQuery: t.exposeBoolean('isQuery', { description: 'False for a photo of the gallery.' }),
    style: t.exposeString('style', { nullable: true, description: 'As the dataset tells it.' }),
    class: t.exposeString('className', { nullable: true }),
    split: t.exposeString('split', { nullable: true }),
    fileName: t.exposeString('fileName', { nullable: true }),
    clusterKey: t.exposeString('clusterKey', { nullable: true, description: 'Null in no cluster.' }),
    cosine: t.exposeFloat('cosine', { description: 'To the centre of its cluster, −1 to 1.' }),
    isHeld: t.exposeBoolean('held', { description: 'A curator put it where it is.' }),
    isPinned: t.exposeBoolean('pinned', { description: 'It is an exemplar of its cluster.' }),
    isOutside: t.exposeBoolean('outside', { description: 'Outside every known style.' }),
    thumbnailUrl: t.string({
      description: 'Path of a WebP whose longest edge has at least `size` pixels.',
      args: { size: t.arg.int({ defaultValue: 256, required: false }) },
      resolve: ({ contentHash }, { size }) => thumbnailUrl(contentHash, size),
    }),
    imageId: t.id({
      nullable: true,
      description: 'The photo, or the one that a query means.',
      resolve: ({ isQuery, itemId, targetId }) => {
        const id = isQuery ? targetId : itemId;
        return id === null ? null : encodeGlobalID('Image', id);
      },
    }),
    image: t.field({
      type: ImageRef,
      nullable: true,
      description: 'The photo, or the one that a query means; null where it is gone.',
      resolve: ({ isQuery, itemId, targetId }, _args, { loaders }) => {
        const id = isQuery ? targetId : itemId;
        return id === null ? null : loaders.images.load(id);
      },
    }),
  }),
});
