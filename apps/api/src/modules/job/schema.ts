import { BY_ID, isNumberKey, type ListKey } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import type { AnyJobKind } from '../../platform/jobs/job-kind.js';
import type { JobLogLine } from '../../platform/jobs/job-repository.js';
import type { LogLevel } from '../../platform/jobs/job-run.js';
import type { Lane } from '../../platform/jobs/lanes.js';
import { DatasetRef } from '../dataset/ref.js';
import { JobRef, jobSuccess } from './ref.js';

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
let jobKindEnum: ReturnType<typeof kindEnum> | undefined;

/** Gives GraphQL the kinds of jobs, which belong to the modules: once, before the schema is built. */
export function defineJobKindEnum(kinds: readonly Pick<AnyJobKind, 'name' | 'summary'>[]): void {
  jobKindEnum = kindEnum(kinds);
}

const kindEnum = (kinds: readonly Pick<AnyJobKind, 'name' | 'summary'>[]) =>
  builder.enumType('JobKind', {
    values: Object.fromEntries(
      kinds.map(({ name, summary }) => [name, { value: name, description: summary }]),
    ),
  });

function requireKinds(): ReturnType<typeof kindEnum> {
  if (jobKindEnum === undefined) throw new Error('the schema is built before the kinds of jobs are known');
  return jobKindEnum;
}

const LaneEnum = builder.enumType('JobLane', {
  description: 'What a job waits for. Jobs of one lane never wait for those of another.',
  values: {
    IO: { value: 'io', description: 'Files, the network and the database.' },
    COMPUTE: { value: 'compute', description: 'The processor.' },
  } as const,
});
const LogLevelEnum = builder.enumType('JobLogLevel', {
  values: { INFO: { value: 'info' }, WARN: { value: 'warn' }, ERROR: { value: 'error' } } as const,
});

const LogLineRef = builder.objectRef<JobLogLine>('JobLogLine').implement({
  authScopes,
  description: 'What a job told while it ran.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    level: t.field({ type: LogLevelEnum, resolve: ({ level }) => level as LogLevel }),
    text: t.exposeString('text'),
  }),
});

const JobErrorRef = builder.objectRef<{ code: string; message: string }>('JobError').implement({
  authScopes,
  description: 'Why a job failed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable, for programs.' }),
    message: t.exposeString('message'),
  }),
});

const BY_LINE: ListKey<JobLogLine> = { of: ({ id }) => String(id), isKey: isNumberKey };

builder.node(JobRef, {
  authScopes,
  description: 'Long work with its progress.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.jobs.loadMany(ids),
  fields: (t) => ({
    kind: t.field({ type: requireKinds(), resolve: ({ kind }) => kind }),
    lane: t.field({ type: LaneEnum, resolve: ({ lane }) => lane as Lane }),
    title: t.string({
      description: 'What it does, in one line for people.',
      resolve: (job, _args, { services }) => services.jobs.words(job).title,
    }),
    unit: t.string({
      description: 'What `total` and `done` count: "photos".',
      resolve: (job, _args, { services }) => services.jobs.words(job).unit,
    }),
    resumes: t.string({
      description: 'How it goes on after a stop, in a sentence for people.',
      resolve: (job, _args, { services }) => services.jobs.words(job).resume,
    }),
    startedBy: t.exposeString('startedBy', {
      nullable: true,
      description: 'Who asked for it; null for what the server began by itself.',
    }),
    attempts: t.exposeInt('attempts', {
      description: 'How often a worker took it up: more than once after a stop, an error or a restart.',
    }),
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
    ratePerSecond: t.exposeFloat('ratePerSecond', { nullable: true }),
    secondsLeft: t.exposeFloat('secondsLeft', { nullable: true }),
    message: t.exposeString('message', { nullable: true }),
    error: t.field({
      type: JobErrorRef,
      nullable: true,
      description: 'Null unless it failed.',
      resolve: ({ state, errorCode, message }) =>
        state === 'FAILED' ? { code: errorCode ?? 'JOB_FAILED', message: message ?? '' } : null,
    }),
    result: t.expose('result', {
      type: 'JSON',
      nullable: true,
      description: 'What came of it, as its kind documents; null until it has succeeded.',
    }),
    stopping: t.boolean({
      description: 'It was told to pause or to end, and does so after the batch that it is at.',
      resolve: ({ state, cancelRequested, pauseRequested }) =>
        state === 'RUNNING' && (cancelRequested || pauseRequested),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    retryAt: t.expose('runAfter', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried again by itself, after an error.',
    }),
    log: t.connection(
      {
        type: LogLineRef,
        description: 'What it told while it ran, oldest first; the last 10,000 lines are kept.',
        complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
        resolve: async (job, args, { services }) => {
          const page = await keysetConnection(args, BY_LINE, (keys) => services.jobs.log(job.id, keys));
          return { ...page, jobId: job.id };
        },
      },
      {
        name: 'JobLogConnection',
        fields: (c) => ({
          totalCount: c.int({
            resolve: ({ jobId }, _args, { services }) => services.jobs.countLog(jobId),
          }),
        }),
      },
      { name: 'JobLogEdge' },
    ),
  }),
});

builder.queryFields((t) => ({
  job: t.field({
    datasets: 'OWN',
    type: JobRef,
    nullable: true,
    authScopes,
    args: { id: t.arg.globalID({ required: true, for: JobRef }) },
    resolve: (_root, { id }, { loaders }) => loaders.jobs.load(id.id),
  }),
  jobs: t.connection(
    {
      datasets: 'OWN',
      type: JobRef,
      authScopes,
      description: 'Newest first.',
      args: {
        states: t.arg({ type: [JobStateEnum], required: false }),
        kinds: t.arg({ type: [requireKinds()], required: false }),
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
    datasets: 'OWN',
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
    datasets: 'OWN',
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
    datasets: 'OWN',
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
}));

builder.subscriptionField('jobProgress', (t) =>
  t.field({
    datasets: 'OWN',
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
