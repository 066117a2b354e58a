import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { nullWhereNoId } from '../api/errors';
import {
  DatasetNamesDocument,
  DatasetRecordDocument,
  DatasetsDocument,
  type DatasetsQuery,
} from '../generated/graphql';

export type DatasetRow = DatasetsQuery['datasets']['edges'][number]['node'];

const DATASETS_PER_PAGE = 50;

/** Every key that starts with this is refetched when an import changes what a dataset holds. */
export const DATASETS_KEY = ['datasets'] as const;

/** The list with counts and sample strips. */
export const datasetsQuery = () =>
  infiniteQueryOptions({
    queryKey: [...DATASETS_KEY, 'list'],
    queryFn: ({ pageParam, signal }) =>
      request(DatasetsDocument, { first: DATASETS_PER_PAGE, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ datasets: { pageInfo } }) => (pageInfo.hasNextPage ? pageInfo.endCursor : undefined),
  });

/** Names and sizes only, for filters and the palette. */
export const datasetNamesQuery = () =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'names'],
    queryFn: async ({ signal }) => {
      const { datasets } = await request(DatasetNamesDocument, {}, signal);
      return datasets.edges.map(({ node }) => node);
    },
    staleTime: 30_000,
  });

export const datasetQuery = (id: string) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'one', id],
    queryFn: async ({ signal }) =>
      (await nullWhereNoId(request(DatasetRecordDocument, { id }, signal)))?.dataset ?? null,
  });
