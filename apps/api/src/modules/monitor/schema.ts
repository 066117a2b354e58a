import { builder } from '../../platform/graphql/builder.js';
import type { EncoderStat, OperationStat } from '../../platform/telemetry/metrics.js';
import type { JobCount } from './repository.js';
import type { MonitorReport, RecallStat } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

const OperationRef = builder.objectRef<OperationStat>('OperationStat').implement({
  authScopes,
  description:
    'Operations by their first root field, since the start of the process; times of the last thousand.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'The first root field.' }),
    count: t.exposeInt('count', { description: 'How many were answered.' }),
    errors: t.exposeInt('errors', { description: 'How many of them with errors.' }),
    p50Ms: t.exposeFloat('p50Ms', { nullable: true, description: 'Half of them took no longer.' }),
    p95Ms: t.exposeFloat('p95Ms', { nullable: true, description: '95 of 100 took no longer.' }),
    p99Ms: t.exposeFloat('p99Ms', { nullable: true, description: '99 of 100 took no longer.' }),
  }),
});

const EncoderRef = builder.objectRef<EncoderStat>('EncoderStat').implement({
  authScopes,
  description: 'The query encoder of the process.',
  fields: (t) => ({
    busyShare: t.exposeFloat('busyShare', { description: 'Share of the time in which it was at work.' }),
    batches: t.exposeInt('batches', { description: 'Batches that it ran.' }),
    meanBatch: t.exposeFloat('meanBatch', { nullable: true, description: 'Items of a batch, on average.' }),
    waiting: t.exposeInt('waiting', { description: 'Items that wait for it now, or are in it.' }),
  }),
});

const JobCountRef = builder.objectRef<JobCount>('JobQueueStat').implement({
  authScopes,
  description: 'Jobs that have something to do yet.',
  fields: (t) => ({
    lane: t.exposeString('lane', { description: 'What they wait for.' }),
    state: t.exposeString('state', { description: 'QUEUED, RUNNING or PAUSED.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

const RecallRef = builder.objectRef<RecallStat>('RecallStat').implement({
  authScopes,
  description:
    'How much of what an exact ranking puts first approximate searches find, of a sample of real ones.',
  fields: (t) => ({
    sampledShare: t.exposeFloat('sampledShare', {
      description: 'Share of searches in the sample; 0 without consent.',
    }),
    samples: t.exposeInt('samples', { description: 'Searches that were looked at, the last 500.' }),
    mean: t.exposeFloat('mean', { nullable: true, description: 'Recall among the first ten, on average.' }),
    least: t.exposeFloat('least', { nullable: true, description: 'The worst of them.' }),
    advice: t.exposeString('advice', { description: 'What to do, in a sentence.' }),
  }),
});

const MonitorRef = builder.objectRef<MonitorReport>('Monitor').implement({
  authScopes,
  description: 'What the process that answers measures of itself.',
  fields: (t) => ({
    since: t.expose('since', { type: 'DateTime', description: 'When it was started.' }),
    operations: t.field({
      type: [OperationRef],
      description: 'Most frequent first.',
      resolve: ({ operations }) => [...operations],
    }),
    encoder: t.field({
      type: EncoderRef,
      description: 'The query encoder.',
      resolve: ({ encoder }) => encoder,
    }),
    jobs: t.field({ type: [JobCountRef], description: 'Queues of jobs.', resolve: ({ jobs }) => [...jobs] }),
    photosWithoutVector: t.exposeInt('photosWithoutVector', {
      nullable: true,
      description: 'Photos that the live model cannot find; null while none is loaded.',
    }),
    recall: t.field({
      type: RecallRef,
      description: 'Approximate against exact.',
      resolve: ({ recall }) => recall,
    }),
    memoryBytes: t.exposeFloat('memoryBytes', { description: 'Memory of the process.' }),
  }),
});

builder.queryField('monitor', (t) =>
  t.field({
    type: MonitorRef,
    datasets: 'ALL',
    authScopes,
    description: 'Latencies, queues, the encoder, and the recall of the index.',
    complexity: 20,
    resolve: (_root, _args, { services }) => services.monitor.report(),
  }),
);
