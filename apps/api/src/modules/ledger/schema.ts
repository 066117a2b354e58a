import { encodeGlobalID } from '@pothos/plugin-relay';
import { isNumberKey, type ListKey } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { FacetCountRef } from '../../platform/graphql/facet-count.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { JobRef, jobSuccess } from '../job/ref.js';
import type { ImportItem } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;

const ItemStateEnum = builder.enumType('ItemState', {
  values: {
    QUEUED: {},
    STORED: { description: 'Kept, but not searchable yet.' },
    EMBEDDED: { description: 'Kept and searchable.' },
    DUPLICATE: { description: 'The dataset holds the same content under another name.' },
    REJECTED: { description: 'The file is no usable picture.' },
    FAILED: { description: 'Something on our side went wrong; retrying may help.' },
  } as const,
});

const RejectRef = builder.objectRef<ImportItem>('Reject').implement({
  authScopes,
  description: 'A file that an import did not take, and why.',
  fields: (t) => ({
    path: t.exposeString('path'),
    state: t.field({ type: ItemStateEnum, resolve: ({ state }) => state }),
    code: t.string({ resolve: ({ code, state }) => code ?? state }),
    reason: t.string({ resolve: ({ reason }) => reason ?? '' }),
  }),
});

const BY_ORDINAL: ListKey<ImportItem> = { of: ({ ordinal }) => String(ordinal), isKey: isNumberKey };

builder.objectFields(JobRef, (t) => ({
  rejected: t.int({
    resolve: async ({ id }, _args, { loaders }) => (await loaders.tallies.load(id)).rejected,
  }),
  duplicates: t.int({
    resolve: async ({ id }, _args, { loaders }) => (await loaders.tallies.load(id)).duplicates,
  }),
  failed: t.int({ resolve: async ({ id }, _args, { loaders }) => (await loaders.tallies.load(id)).failed }),
  states: t.field({
    type: [FacetCountRef],
    description: 'Entries of the ledger by their state; together they are the total.',
    resolve: ({ id }, _args, { loaders }) => loaders.jobStates.load(id),
  }),
  rejectsUrl: t.string({
    description: 'Where the reject file is downloaded: CSV with path, state, code and reason.',
    resolve: ({ id }) => `/jobs/${encodeURIComponent(encodeGlobalID('Job', id))}/rejects.csv`,
  }),
  rejects: t.connection(
    {
      type: RejectRef,
      description: 'What the import did not take: rejected, failed and duplicate files.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (job, args, { services }) => {
        const page = await keysetConnection(args, BY_ORDINAL, (keys) =>
          services.ledger.rejects(job.id, keys),
        );
        return { ...page, jobId: job.id };
      },
    },
    {
      name: 'RejectConnection',
      fields: (c) => ({
        totalCount: c.int({
          resolve: ({ jobId }, _args, { services }) => services.ledger.countRejects(jobId),
        }),
      }),
    },
    { name: 'RejectEdge' },
  ),
}));

builder.mutationFields((t) => ({
  retryFailed: t.field({
    datasets: 'OWN',
    type: jobSuccess('RetryFailedSuccess'),
    authScopes: { role: 'CURATOR' },
    description:
      'Tries rejected and failed items of a finished job again, and whatever a cancelled one left over.',
    args: { jobId: t.arg.globalID({ required: true, for: JobRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'RetryFailedResult' },
    },
    resolve: async (_root, { jobId }, { services }) => ({ job: await services.ledger.retryFailed(jobId.id) }),
  }),
}));
