import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { nullWhereNoId } from '../api/errors';
import {
  JobLogDocument,
  JobResultDocument,
  TrainingRecordDocument,
  type TrainingRowFragment,
  TrainingSeriesDocument,
  type TrainingSeriesQuery,
  TrainingsDocument,
} from '../generated/graphql';
import { isActive } from '../jobs/job-queries';

export type TrainingRow = TrainingRowFragment;
export type Series = Extract<
  NonNullable<TrainingSeriesQuery['node']>,
  { __typename: 'TrainingRun' }
>['series'][number];

/** Every key that starts with this is read anew when a run begins or ends. */
export const TRAININGS_KEY = ['trainings'] as const;

const BUSY_MS = 1500;

const isBusy = (row: Pick<TrainingRow, 'job'> | null | undefined) => Boolean(row?.job && isActive(row.job));

export const trainingsQuery = () =>
  queryOptions({
    queryKey: [...TRAININGS_KEY, 'list'],
    queryFn: async ({ signal }) => {
      const { trainings } = await request(TrainingsDocument, { first: 50 }, signal);
      return { total: trainings.totalCount, rows: trainings.edges.map(({ node }) => node) };
    },
    refetchInterval: ({ state }) => (state.data?.rows.some(isBusy) ? BUSY_MS : false),
  });

export const trainingQuery = (id: string) =>
  queryOptions({
    queryKey: [...TRAININGS_KEY, 'one', id],
    queryFn: async ({ signal }) => {
      const answer = await nullWhereNoId(request(TrainingRecordDocument, { id }, signal));
      return answer?.node?.__typename === 'TrainingRun' ? answer.node : null;
    },
    refetchInterval: ({ state }) => (isBusy(state.data) ? BUSY_MS : false),
  });

/** The curves of a run. @param busy while they grow. */
export const seriesQuery = (id: string, busy: boolean) =>
  queryOptions({
    queryKey: [...TRAININGS_KEY, 'series', id],
    queryFn: async ({ signal }) => {
      const { node } = await request(TrainingSeriesDocument, { id }, signal);
      return node?.__typename === 'TrainingRun' ? node : null;
    },
    refetchInterval: busy ? BUSY_MS : false,
  });

export const jobLogQuery = (id: string | null, busy: boolean) =>
  queryOptions({
    queryKey: [...TRAININGS_KEY, 'log', id],
    queryFn: async ({ signal }) =>
      (await request(JobLogDocument, { id: id ?? '', last: 100 }, signal)).job?.log ?? null,
    enabled: id !== null,
    refetchInterval: busy ? 2000 : false,
  });

/** What an estimate came to. */
export type Estimate = {
  readonly seconds: number;
  readonly steps: number;
  readonly parts: readonly { readonly what: string; readonly seconds: number }[];
  readonly photos: { readonly train: number; readonly validation: number };
  readonly heldOut: string;
};

export const estimateQuery = (jobId: string | null) =>
  queryOptions({
    queryKey: [...TRAININGS_KEY, 'estimate', jobId],
    queryFn: async ({ signal }) =>
      (await request(JobResultDocument, { id: jobId ?? '' }, signal)).job ?? null,
    enabled: jobId !== null,
    refetchInterval: ({ state }) => (!state.data || isActive(state.data) ? 500 : false),
  });
