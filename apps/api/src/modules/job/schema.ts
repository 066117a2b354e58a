import { encodeGlobalID } from '@pothos/plugin-relay';
import { BY_ID, isNumberKey, type ListKey } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { FacetCountRef } from '../../platform/graphql/facet-count.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';
import { JobRef } from './ref.js';
import type { ImportItem, Job } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;
const mayChange = { role: 'CURATOR' } as const;

const JobStateEnum = builder.enumType('JobState', {
  values: {
    QUEUED: {},
    RUNNING: {},
    PAUSED: { description: 'Stopped by a person; goes on where it was when told to.' },
    SUCCEEDED: {},
    FAILED: {},
    CANCELLED: {},
  } as const,
});
const JobKindEnum = builder.enumType('JobKind', {
  values: {
    IMPORT: { description: 'Brings the pictures of a folder into a dataset.' },
    EMBED: { description: 'Gives the live model’s vectors to photos that have none.' },
    BUILD: { description: 'Makes query versions of a dataset’s photos.' },
    CHECK: { description: 'Looks for near-duplicates and for leaks between splits.' },
  } as const,
});
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

builder.node(JobRef, {
  authScopes,
  description: 'Long work with its progress.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.jobs.loadMany(ids),
  fields: (t) => ({
    kind: t.field({ type: JobKindEnum, resolve: ({ kind }) => kind }),
    state: t.field({ type: JobStateEnum, resolve: ({ state }) => state }),
    dataset: t.field({
      type: DatasetRef,
      nullable: true,
      resolve: ({ datasetId }, _args, { loaders }) =>
        datasetId === null ? null : loaders.datasets.load(datasetId),
    }),
    total: t.exposeInt('total', { nullable: true, description: 'Null until the items were counted.' }),
    done: t.exposeInt('done', {
      description: 'Concluded items, whatever their outcome: the other counts are parts of it.',
    }),
    rejected: t.exposeInt('rejected'),
    duplicates: t.exposeInt('duplicates'),
    failed: t.exposeInt('failed'),
    ratePerSecond: t.exposeFloat('ratePerSecond', { nullable: true }),
    secondsLeft: t.exposeFloat('secondsLeft', { nullable: true }),
    message: t.exposeString('message', { nullable: true }),
    stopping: t.boolean({
      description: 'It was told to pause or to end, and does so after the batch that it is at.',
      resolve: ({ state, cancelRequested, pauseRequested }) =>
        state === 'RUNNING' && (cancelRequested || pauseRequested),
    }),
    states: t.field({
      type: [FacetCountRef],
      description: 'Entries of the ledger by their state; together they are the total.',
      resolve: ({ id }, _args, { loaders }) => loaders.jobStates.load(id),
    }),
    rejectsUrl: t.string({
      description: 'Where the reject file is downloaded: CSV with path, state, code and reason.',
      resolve: ({ id }) => `/jobs/${encodeURIComponent(encodeGlobalID('Job', id))}/rejects.csv`,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    rejects: t.connection(
      {
        type: RejectRef,
        description: 'What the import did not take: rejected, failed and duplicate files.',
        complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
        resolve: async (job, args, { services }) => {
          const page = await keysetConnection(args, BY_ORDINAL, (keys) =>
            services.jobs.rejects(job.id, keys),
          );
          return { ...page, jobId: job.id };
        },
      },
      {
        name: 'RejectConnection',
        fields: (c) => ({
          totalCount: c.int({
            resolve: ({ jobId }, _args, { services }) => services.jobs.countRejects(jobId),
          }),
        }),
      },
      { name: 'RejectEdge' },
    ),
  }),
});

builder.queryFields((t) => ({
  job: t.field({
    type: JobRef,
    nullable: true,
    authScopes,
    args: { id: t.arg.globalID({ required: true, for: JobRef }) },
    resolve: (_root, { id }, { loaders }) => loaders.jobs.load(id.id),
  }),
  jobs: t.connection(
    {
      type: JobRef,
      authScopes,
      description: 'Newest first.',
      args: {
        states: t.arg({ type: [JobStateEnum], required: false }),
        kinds: t.arg({ type: [JobKindEnum], required: false }),
        datasetId: t.arg.globalID({ required: false, for: DatasetRef }),
      },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: (_root, { states, kinds, datasetId, ...args }, { services }) =>
        keysetConnection(args, BY_ID, (page) =>
          services.jobs.page({ states, kinds, datasetId: datasetId?.id }, page),
        ),
    },
    { name: 'JobConnection' },
    { name: 'JobEdge' },
  ),
}));

builder.mutationFields((t) => ({
  cancelJob: t.field({
    type: jobSuccess('CancelJobSuccess'),
    authScopes: mayChange,
    description: 'A running job stops after the batch it is at; what was done stays done.',
    args: { id: t.arg.globalID({ required: true, for: JobRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'CancelJobResult' },
    },
    resolve: async (_root, { id }, { services }) => ({ job: await services.jobs.cancel(id.id) }),
  }),
  pauseJob: t.field({
    type: jobSuccess('PauseJobSuccess'),
    authScopes: mayChange,
    description:
      'A running job stops after the batch it is at, and stays so over restarts until it is resumed.',
    args: { id: t.arg.globalID({ required: true, for: JobRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'PauseJobResult' },
    },
    resolve: async (_root, { id }, { services }) => ({ job: await services.jobs.pause(id.id) }),
  }),
  resumeJob: t.field({
    type: jobSuccess('ResumeJobSuccess'),
    authScopes: mayChange,
    description: 'A paused job goes on where it was.',
    args: { id: t.arg.globalID({ required: true, for: JobRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'ResumeJobResult' },
    },
    resolve: async (_root, { id }, { services }) => ({ job: await services.jobs.resume(id.id) }),
  }),
  retryFailed: t.field({
    type: jobSuccess('RetryFailedSuccess'),
    authScopes: mayChange,
    description:
      'Tries rejected and failed items of a finished job again, and whatever a cancelled one left over.',
    args: { jobId: t.arg.globalID({ required: true, for: JobRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'RetryFailedResult' },
    },
    resolve: async (_root, { jobId }, { services }) => ({ job: await services.jobs.retryFailed(jobId.id) }),
  }),
}));

builder.subscriptionField('jobProgress', (t) =>
  t.field({
    type: JobRef,
    authScopes,
    description: 'The job now and after every change; the stream ends when the job is finished.',
    args: { id: t.arg.globalID({ required: true, for: JobRef }) },
    subscribe: (_root, { id }, { services }) => errorsAsValues(services.jobs.watch(id.id)),
    resolve: (job, _args, { loaders }) => {
      if (job instanceof Error) throw job;
      // One context serves the whole stream, and what it remembers is of the event before.
      loaders.forget();
      return job;
    },
  }),
);

// An error in a source of events would cut the stream off without a word; as a value it reaches the resolver.
async function* errorsAsValues<T>(values: AsyncIterable<T>): AsyncGenerator<T | Error> {
  try {
    yield* values;
  } catch (error) {
    yield error instanceof Error ? error : new Error(String(error));
  }
}

function jobSuccess(name: string) {
  return builder.objectRef<{ job: Job }>(name).implement({
    authScopes,
    fields: (t) => ({ job: t.field({ type: JobRef, resolve: ({ job }) => job }) }),
  });
}
