import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { nullWhereNoId } from '../api/errors';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import { PhotoDocument, PhotoPlaceDocument, type PhotoQuery } from '../generated/graphql';
import { filterKey, type PhotoFilter, toFilterInput } from '../photos/photo-filter';

export type PhotoRecord = NonNullable<PhotoQuery['image']>;
export type PhotoVersion = PhotoRecord['queries']['edges'][number]['node'];

/** Everything that is known of one photo. */
export const photoQuery = (id: string) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'photo', id],
    queryFn: async ({ signal }) =>
      (await nullWhereNoId(request(PhotoDocument, { id }, signal)))?.image ?? null,
  });

/** Where a photo stands behind a filter, and which photos are beside it; null where the filter leaves it out. */
export const photoPlaceQuery = (datasetId: string, imageId: string, filter: PhotoFilter) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'place', datasetId, imageId, filterKey(filter)],
    queryFn: async ({ signal }) => {
      const variables = { datasetId, imageId, filter: toFilterInput(filter) };
      return (await request(PhotoPlaceDocument, variables, signal)).dataset?.imagePlace ?? null;
    },
    placeholderData: keepPreviousData,
  });
