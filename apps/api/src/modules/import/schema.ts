import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../errors.js';
import { builder } from '../../graphql/builder.js';
import { DatasetRef } from '../dataset/ref.js';
import type { Dataset } from '../dataset/repository.js';
import { JobRef } from '../job/ref.js';
import type { Job } from '../job/repository.js';

const ImportFolderInput = builder.inputType('ImportFolderInput', {
  fields: (t) => ({
    path: t.string({ required: true, description: 'Absolute path of a folder on the server.' }),
    name: t.string({ description: 'What the dataset shall be called; without it, as the folder is.' }),
    description: t.string(),
  }),
});

const ImportFolderSuccess = builder
  .objectRef<{ job: Job; dataset: Dataset }>('ImportFolderSuccess')
  .implement({
    authScopes: { role: 'VIEWER' },
    fields: (t) => ({
      job: t.field({ type: JobRef, resolve: ({ job }) => job }),
      dataset: t.field({ type: DatasetRef, resolve: ({ dataset }) => dataset }),
    }),
  });

builder.mutationField('importFolder', (t) =>
  t.field({
    type: ImportFolderSuccess,
    // Whoever may name any folder of the server may read any picture on it.
    authScopes: { role: 'ADMIN' },
    description:
      'Brings the pictures of a server folder into a dataset. Importing the same folder again adds only what is new.',
    args: { input: t.arg({ type: ImportFolderInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'ImportFolderResult' },
    },
    resolve: (_root, { input }, { services }) => services.imports.importFolder(input),
  }),
);
