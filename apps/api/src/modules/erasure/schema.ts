import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { UPLOAD_KEPT_DAYS } from '../../platform/storage/upload-store.js';
import { DatasetRef } from '../dataset/ref.js';
import { ImageRef } from '../photo/ref.js';

const admin = { role: 'ADMIN' } as const;

const EraseImagesSuccess = builder.objectRef<{ count: number }>('EraseImagesSuccess').implement({
  authScopes: admin,
  fields: (t) => ({ count: t.exposeInt('count', { description: 'Photos that are gone for good.' }) }),
});

builder.mutationField('eraseImages', (t) =>
  t.field({
    type: EraseImagesSuccess,
    datasets: 'OWN',
    authScopes: admin,
    description:
      'Erases deleted photos for good, now: their rows, vectors, files and thumbnails, and what versions keep of them. It cannot be undone. Without it, the same is done when the days of grace are over.',
    args: {
      datasetId: t.arg.globalID({ required: true, for: DatasetRef }),
      imageIds: t.arg.globalIDList({
        required: true,
        for: ImageRef,
        description: 'Photos that are deleted, 1,000 at most.',
      }),
    },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'EraseImagesResult' },
    },
    resolve: async (_root, { datasetId, imageIds }, { services }) => ({
      count: await services.erasure.erase(
        datasetId.id,
        imageIds.map(({ id }) => id),
      ),
    }),
  }),
);

interface Retention {
  readonly deletedDays: number;
  readonly uploadDays: number;
}

const RetentionRef = builder.objectRef<Retention>('Retention').implement({
  authScopes: { role: 'VIEWER' },
  description: 'How long what is kept.',
  fields: (t) => ({
    deletedDays: t.exposeFloat('deletedDays', {
      description: 'Days in which a deleted photo can be brought back; then it is erased for good.',
    }),
    uploadDays: t.exposeInt('uploadDays', {
      description: 'Days after its last use for which a picture is kept that somebody searched with.',
    }),
  }),
});

builder.queryField('retention', (t) =>
  t.field({
    type: RetentionRef,
    datasets: 'NONE',
    authScopes: { role: 'VIEWER' },
    description: 'How long what is kept.',
    resolve: (_root, _args, { services }) => ({
      deletedDays: services.erasure.keepDays,
      uploadDays: UPLOAD_KEPT_DAYS,
    }),
  }),
);
