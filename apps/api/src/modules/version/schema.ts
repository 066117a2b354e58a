import { isNumberKey, type ListKey } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';
import { ImageRef } from '../photo/ref.js';
import './diff-schema.js';
import { DatasetVersionRef } from './ref.js';
import type { DatasetVersion } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;

builder.node(DatasetVersionRef, {
  authScopes,
  description: 'A dataset as it was at one moment. Nothing that is done later changes it.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.versions.loadMany(ids),
  fields: (t) => ({
    number: t.exposeInt('number', { description: '1, 2, 3 … within the dataset.' }),
    name: t.exposeString('name', { nullable: true }),
    contentHash: t.exposeString('contentHash', {
      description:
        'sha256 over all that it holds: pictures, captions, classes, splits, tags, attributes and queries, whatever ' +
        'their files are called. Datasets of the same content have the same one, and so has an exported folder.',
    }),
    imageCount: t.exposeInt('imageCount'),
    queryCount: t.exposeInt('queryCount'),
    captionCount: t.exposeInt('captionCount'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    dataset: t.field({
      type: DatasetRef,
      resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.loadRequired(datasetId),
    }),
  }),
});

const BY_NUMBER: ListKey<DatasetVersion> = { of: ({ number }) => String(number), isKey: isNumberKey };

builder.objectField(DatasetRef, 'versions', (t) =>
  t.connection(
    {
      type: DatasetVersionRef,
      description: 'Newest first.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (dataset, args, { services }) => {
        const page = await keysetConnection(args, BY_NUMBER, (keys) =>
          services.versions.pageOfDataset(dataset.id, keys),
        );
        return { ...page, datasetId: dataset.id };
      },
    },
    {
      name: 'DatasetVersionsConnection',
      fields: (c) => ({
        totalCount: c.int({
          resolve: ({ datasetId }, _args, { services }) => services.versions.countOfDataset(datasetId),
        }),
      }),
    },
    { name: 'DatasetVersionsEdge' },
  ),
);

builder.objectField(ImageRef, 'versions', (t) =>
  t.field({
    type: [DatasetVersionRef],
    description: 'Where it was used: versions of its dataset that hold it, newest first.',
    resolve: ({ id }, _args, { loaders }) => loaders.versionsOfImages.load(id),
  }),
);

const CreateVersionSuccess = builder
  .objectRef<{ readonly version: DatasetVersion; readonly isNew: boolean }>('CreateVersionSuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      version: t.field({ type: DatasetVersionRef, resolve: ({ version }) => version }),
      isNew: t.exposeBoolean('isNew', {
        description: 'False where the newest version holds just this already: that one is given back.',
      }),
    }),
  });

builder.mutationField('createVersion', (t) =>
  t.field({
    datasets: 'OWN',
    type: CreateVersionSuccess,
    authScopes: { role: 'CURATOR' },
    description: 'Keeps the dataset as it is now, without what is deleted.',
    args: {
      datasetId: t.arg.globalID({ required: true, for: DatasetRef }),
      name: t.arg.string({ description: 'What people call it; up to 120 characters.' }),
    },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'CreateVersionResult' },
    },
    resolve: (_root, { datasetId, name }, { services }) =>
      services.versions.create(datasetId.id, name ?? null),
  }),
);
