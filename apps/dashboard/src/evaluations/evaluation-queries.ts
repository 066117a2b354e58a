import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import {
  CompareEvaluationsDocument,
  EvaluationFlipsDocument,
  EvaluationNamesDocument,
  EvaluationRecordDocument,
  type EvaluationSliceBy,
  EvaluationSlicesDocument,
  EvaluationsDocument,
  type EvaluationsQuery,
  EvaluationWorstDocument,
  QueryEncodersDocument,
} from '../generated/graphql';

export type EvaluationRow = EvaluationsQuery['evaluations']['edges'][number]['node'];

/** Every key that starts with this is refetched when an evaluation ends. */
export const EVALUATIONS_KEY = ['evaluations'] as const;

const UNFINISHED_MS = 2000;

export const evaluationsQuery = () =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'list'],
    queryFn: async ({ signal }) => {
      const { evaluations } = await request(EvaluationsDocument, { first: 40 }, signal);
      return { total: evaluations.totalCount, rows: evaluations.edges.map(({ node }) => node) };
    },
    // A figure appears when it is whole; until then only the job's own count moves.
    refetchInterval: ({ state }) =>
      state.data?.rows.some(({ finishedAt, job }) => finishedAt === null && isOpen(job?.state))
        ? UNFINISHED_MS
        : false,
  });

const isOpen = (state: string | undefined) => state === 'QUEUED' || state === 'RUNNING';

export const evaluationNamesQuery = () =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'names'],
    queryFn: async ({ signal }) =>
      (await request(EvaluationNamesDocument, {}, signal)).evaluations.edges.map(({ node }) => node),
    staleTime: 30_000,
  });

export const encodersQuery = () =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'encoders'],
    queryFn: async ({ signal }) => (await request(QueryEncodersDocument, {}, signal)).queryEncoders,
    staleTime: 30_000,
  });

export const evaluationQuery = (id: string) =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'one', id],
    queryFn: async ({ signal }) => {
      const { node } = await request(EvaluationRecordDocument, { id }, signal);
      return node?.__typename === 'Evaluation' ? node : null;
    },
    refetchInterval: ({ state }) =>
      state.data && state.data.finishedAt === null && isOpen(state.data.job?.state) ? UNFINISHED_MS : false,
  });

export const slicesQuery = (id: string, section: string, by: EvaluationSliceBy, metric: string) =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'slices', id, section, by, metric],
    queryFn: async ({ signal }) => {
      const { node } = await request(EvaluationSlicesDocument, { id, section, by, metric }, signal);
      return node?.__typename === 'Evaluation' ? node.slices : [];
    },
  });

export const worstQuery = (id: string, section: string, styleCluster: string | null) =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'worst', id, section, styleCluster],
    queryFn: async ({ signal }) => {
      const { node } = await request(EvaluationWorstDocument, { id, section, styleCluster }, signal);
      return node?.__typename === 'Evaluation'
        ? { total: node.worst.totalCount, results: node.worst.edges.map((edge) => edge.node) }
        : { total: 0, results: [] };
    },
  });

export const comparisonQuery = (ids: readonly string[], metric: string) =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'compare', ids, metric],
    queryFn: async ({ signal }) =>
      (await request(CompareEvaluationsDocument, { ids: [...ids], metric }, signal)).compareEvaluations,
    enabled: ids.length > 1,
  });

export const flipsQuery = (a: string, b: string, section: string, metric: string, won: boolean) =>
  queryOptions({
    queryKey: [...EVALUATIONS_KEY, 'flips', a, b, section, metric, won],
    queryFn: async ({ signal }) =>
      (await request(EvaluationFlipsDocument, { a, b, section, metric, won }, signal)).evaluationFlips,
  });
