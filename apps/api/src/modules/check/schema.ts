import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import { DatasetRef } from '../dataset/ref.js';
import { JobRef } from '../job/ref.js';
import { ImageRef } from '../photo/ref.js';
import { type LikePair, PAIR_KEY } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;

const LeakRef = builder.objectRef<LikePair>('Leak').implement({
  authScopes,
  description:
    'Two photos of which one is a copy of the other, or that look alike, and that are in different splits.',
  fields: (t) => ({
    image: t.field({
      type: ImageRef,
      resolve: ({ imageId }, _args, { loaders }) => loaders.images.loadRequired(imageId),
    }),
    other: t.field({
      type: ImageRef,
      resolve: ({ otherId }, _args, { loaders }) => loaders.images.loadRequired(otherId),
    }),
    hashBits: t.exposeInt('hashBits', {
      nullable: true,
      description:
        'Bits of 64 in which the perceptual hashes differ; null where vectors alone named the pair.',
    }),
    similarity: t.exposeFloat('similarity', {
      nullable: true,
      description: 'Cosine of the vectors; null where they are not near.',
    }),
  }),
});

builder.objectFields(DatasetRef, (t) => ({
  leaks: t.connection(
    {
      type: LeakRef,
      description: 'Photos that look alike in different splits, as the last check found them.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async ({ id: datasetId }, args, { services }) => {
        const page = await keysetConnection(args, PAIR_KEY, (keys) => services.checks.leaks(datasetId, keys));
        return { ...page, datasetId };
      },
    },
    {
      name: 'LeakConnection',
      fields: (c) => ({
        totalCount: c.int({
          resolve: ({ datasetId }, _args, { services }) => services.checks.countLeaks(datasetId),
        }),
      }),
    },
    { name: 'LeakEdge' },
  ),
  nearDuplicateCount: t.int({
    description: 'Photos that look like another one, as the last check found; the filter shows them.',
    resolve: ({ id }, _args, { loaders }) => loaders.likePhotoCounts.load(id),
  }),
  checkedAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When the last check ended; null while there was none.',
    resolve: ({ id }, _args, { loaders }) => loaders.checkedAt.load(id),
  }),
}));

const CheckDatasetSuccess = builder.objectRef<{ job: Job }>('CheckDatasetSuccess').implement({
  authScopes,
  fields: (t) => ({ job: t.field({ type: JobRef, resolve: ({ job }) => job }) }),
});

builder.mutationField('checkDataset', (t) =>
  t.field({
    datasets: 'OWN',
    type: CheckDatasetSuccess,
    authScopes: { role: 'CURATOR' },
    description:
      'Looks for copies of photos (in another size, cut, quality or colour, or mirrored), within splits and between them.',
    args: {
      datasetId: t.arg.globalID({ required: true, for: DatasetRef }),
      similarity: t.arg.float({
        required: false,
        description:
          'Cosine of the vectors from which on photos count as alike though they are no copies, 0.5 to 1; copies alone if left out.',
      }),
    },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'CheckDatasetResult' },
    },
    resolve: async (_root, { datasetId, similarity }, { services, caller }) => ({
      job: await services.checks.start(datasetId.id, similarity ?? null, caller?.name),
    }),
  }),
);
