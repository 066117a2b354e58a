import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import {
  BuildPreviewDocument,
  LeaksDocument,
  type LeaksQuery,
  QueryStylesDocument,
  type QueryStylesQuery,
  StyleMakersDocument,
} from '../generated/graphql';

export type QueryStylesAnswer = QueryStylesQuery;
export type StyleDataset = NonNullable<QueryStylesQuery['dataset']>;
export type StyleMaker = QueryStylesQuery['styleMakers'][number];
export type Leak = NonNullable<LeaksQuery['dataset']>['leaks']['edges'][number]['node'];

/** One picture that each photo shall get. */
export type ChosenVersion = { readonly maker: string; readonly strength: number | null };

const LEAKS_PER_PAGE = 20;

export const queryStylesQuery = (id: string) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'query-styles', id],
    queryFn: ({ signal }) => request(QueryStylesDocument, { id }, signal),
    placeholderData: keepPreviousData,
  });

/** What queries can be made by; it changes with the server alone. */
export const styleMakersQuery = () =>
  queryOptions({
    queryKey: ['style-makers'],
    queryFn: async ({ signal }) => (await request(StyleMakersDocument, {}, signal)).styleMakers,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What one version looks like on six photos. The same choice makes the same pictures, so they are kept. */
export const previewQuery = (datasetId: string, { maker, strength }: ChosenVersion) =>
  queryOptions({
    queryKey: ['build-preview', datasetId, maker, strength],
    queryFn: async ({ signal }) => {
      const makers = [{ maker, strengths: strength === null ? [] : [strength] }];
      return (await request(BuildPreviewDocument, { datasetId, makers }, signal)).previewBuild;
    },
    staleTime: 300_000,
  });

export const leaksQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...DATASETS_KEY, 'leaks', id],
    queryFn: ({ pageParam, signal }) =>
      request(LeaksDocument, { id, first: LEAKS_PER_PAGE, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ dataset }) =>
      dataset?.leaks.pageInfo.hasNextPage ? dataset.leaks.pageInfo.endCursor : undefined,
  });
