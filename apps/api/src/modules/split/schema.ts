import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { ChangeRef } from '../change/ref.js';
import type { Change } from '../change/repository.js';
import { DatasetRef } from '../dataset/ref.js';

const SplitPartInput = builder.inputType('SplitPartInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: 'train, val, test or any other name.' }),
    share: t.float({ required: true, description: 'Of all photos; all shares together are 1.' }),
  }),
});

const SplitDatasetInput = builder.inputType('SplitDatasetInput', {
  fields: (t) => ({
    datasetId: t.globalID({ required: true, for: DatasetRef }),
    parts: t.field({ type: [SplitPartInput], required: true }),
    seed: t.int({ description: 'From 0; the same seed splits the same photos the same way. 0 if left out.' }),
  }),
});

const SplitDatasetSuccess = builder.objectRef<{ change: Change }>('SplitDatasetSuccess').implement({
  authScopes: { role: 'VIEWER' },
  fields: (t) => ({ change: t.field({ type: ChangeRef, resolve: ({ change }) => change }) }),
});

builder.mutationField('splitDataset', (t) =>
  t.field({
    datasets: 'OWN',
    type: SplitDatasetSuccess,
    authScopes: { role: 'CURATOR' },
    description:
      'Gives every photo a split by lot. Queries go with their photo, and photos that look alike, as the last check ' +
      'found them, stay together. It can be undone.',
    args: { input: t.arg({ type: SplitDatasetInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'SplitDatasetResult' },
    },
    resolve: async (_root, { input }, { services }) => ({
      change: await services.splits.split({
        datasetId: input.datasetId.id,
        parts: input.parts,
        seed: input.seed ?? null,
      }),
    }),
  }),
);
