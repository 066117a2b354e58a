import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import {
  DatasetStatisticsDocument,
  PhotoCountDocument,
  PhotoFacetsDocument,
  type PhotoFacetsQuery,
  PhotoPageDocument,
  type PhotoPageQuery,
  type PhotoPageQueryVariables,
} from '../generated/graphql';
import { filterKey, type PhotoFilter, toFilterInput } from './photo-filter';

export const PHOTOS_PER_PAGE = 60;

export type PhotoPage = NonNullable<PhotoPageQuery['dataset']>['images'];
export type Photo = PhotoPage['edges'][number]['node'];
export type Facets = NonNullable<PhotoFacetsQuery['dataset']>['facets'];

/** The page on which a place behind a filter lies. */
export const pageOf = (index: number) => Math.floor(Math.max(0, index) / PHOTOS_PER_PAGE);

const EMPTY_PAGE: PhotoPage = {
  edges: [],
  pageInfo: { startCursor: null, endCursor: null, hasNextPage: false },
};

const pageKey = (datasetId: string, filter: PhotoFilter, page: number) =>
  [...DATASETS_KEY, 'photos', datasetId, filterKey(filter), page] as const;

/** One page of the photos behind a filter, by its number. */
export const photoPageQuery = (client: QueryClient, datasetId: string, filter: PhotoFilter, page: number) =>
  queryOptions({
    queryKey: pageKey(datasetId, filter, page),
    queryFn: async ({ signal }) => {
      const place = placeOfPage(client, datasetId, filter, page);
      const variables = { id: datasetId, filter: toFilterInput(filter), ...place };
      return (await request(PhotoPageDocument, variables, signal)).dataset?.images ?? EMPTY_PAGE;
    },
    // Pages are read again when something was changed, not for having been out of sight.
    staleTime: 60_000,
  });

/** Where a page begins: beside a page that is known, by its cursor; after a leap, by counting. */
function placeOfPage(
  client: QueryClient,
  datasetId: string,
  filter: PhotoFilter,
  page: number,
): Partial<PhotoPageQueryVariables> {
  const known = (other: number) => {
    const state = client.getQueryState<PhotoPage>(pageKey(datasetId, filter, other));
    return state?.data && !state.isInvalidated ? state.data : undefined;
  };
  if (page === 0) return { first: PHOTOS_PER_PAGE };
  const after = known(page - 1)?.pageInfo.endCursor;
  if (after) return { first: PHOTOS_PER_PAGE, after };
  const before = known(page + 1)?.pageInfo.startCursor;
  if (before) return { last: PHOTOS_PER_PAGE, before };
  return { first: PHOTOS_PER_PAGE, offset: page * PHOTOS_PER_PAGE };
}

/** How many photos stand behind a filter. */
export const photoCountQuery = (datasetId: string, filter: PhotoFilter) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'photo-count', datasetId, filterKey(filter)],
    queryFn: async ({ signal }) => {
      const variables = { id: datasetId, filter: toFilterInput(filter) };
      return (await request(PhotoCountDocument, variables, signal)).dataset?.images.totalCount ?? 0;
    },
    // The grid keeps its shape until the new count is there.
    placeholderData: keepPreviousData,
  });

/** What can be filtered by, with counts; the counts of before stay until the new ones are there. */
export const photoFacetsQuery = (datasetId: string, filter: PhotoFilter) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'facets', datasetId, filterKey(filter)],
    queryFn: async ({ signal }) => {
      const variables = { id: datasetId, filter: toFilterInput(filter) };
      return (await request(PhotoFacetsDocument, variables, signal)).dataset?.facets ?? null;
    },
    placeholderData: keepPreviousData,
  });

/** Counts for the charts. */
export const statisticsQuery = (datasetId: string, filter: PhotoFilter) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'statistics', datasetId, filterKey(filter)],
    queryFn: async ({ signal }) => {
      const variables = { id: datasetId, filter: toFilterInput(filter) };
      return (await request(DatasetStatisticsDocument, variables, signal)).dataset?.statistics ?? null;
    },
    placeholderData: keepPreviousData,
  });
