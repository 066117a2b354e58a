import { BY_ID } from '../../platform/database/paging.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { JobRef } from '../job/ref.js';
import { DatasetRef } from './ref.js';

const authScopes = { role: 'VIEWER' } as const;

builder.node(DatasetRef, {
  authScopes,
  description: 'A collection of photos, filled by imports.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.datasets.loadMany(ids),
  fields: (t) => ({
    name: t.exposeString('name'),
    description: t.exposeString('description', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    imageCount: t.int({
      description: 'Photos that are stored and not deleted.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.datasetCounts.load(id)).images,
    }),
    queryCount: t.int({
      description: 'Pictures and words in a style that stand for photos; not those of deleted ones.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.datasetCounts.load(id)).queries,
    }),
    indexedCount: t.int({
      description: 'Photos that the live model can find.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.datasetCounts.load(id)).indexed,
    }),
    rejectedCount: t.int({
      description: 'Files that the latest import would not take; its `rejects` say why.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.datasetCounts.load(id)).rejected,
    }),
    latestJob: t.field({
      type: JobRef,
      nullable: true,
      resolve: ({ id }, _args, { loaders }) => loaders.latestJobs.load(id),
    }),
  }),
});

builder.queryFields((t) => ({
  dataset: t.field({
    datasets: 'OWN',
    type: DatasetRef,
    nullable: true,
    authScopes,
    args: { id: t.arg.globalID({ required: true, for: DatasetRef }) },
    resolve: (_root, { id }, { loaders }) => loaders.datasets.load(id.id),
  }),
  datasets: t.connection(
    {
      datasets: 'OWN',
      type: DatasetRef,
      authScopes,
      description: 'Newest first.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: (_root, args, { services }) =>
        keysetConnection(args, BY_ID, (page) => services.datasets.page(page)),
    },
    {
      name: 'DatasetConnection',
      fields: (c) => ({
        totalCount: c.int({ resolve: (_connection, _args, { services }) => services.datasets.count() }),
      }),
    },
    { name: 'DatasetEdge' },
  ),
}));
