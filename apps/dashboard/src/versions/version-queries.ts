import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import {
  DatasetVersionsDocument,
  type DiffKind,
  VersionDiffCountsDocument,
  type VersionDiffCountsQuery,
  VersionDiffEntriesDocument,
  type VersionDiffEntriesQuery,
  type VersionFactsFragment,
} from '../generated/graphql';

export type Version = VersionFactsFragment;
export type DiffCounts = NonNullable<VersionDiffCountsQuery['versionDiff']>;
export type DiffEntry = NonNullable<
  VersionDiffEntriesQuery['versionDiff']
>['entries']['edges'][number]['node'];

/** Two states of a dataset; `to` is null for what it holds now. */
export type Compared = { from: Version; to: Version | null };

const VERSIONS_PER_PAGE = 50;
const ENTRIES_PER_PAGE = 48;

export const versionsQuery = (datasetId: string) =>
  infiniteQueryOptions({
    queryKey: [...DATASETS_KEY, 'versions', datasetId],
    queryFn: async ({ pageParam, signal }) =>
      (await request(
        DatasetVersionsDocument,
        { id: datasetId, first: VERSIONS_PER_PAGE, after: pageParam },
        signal,
      ).then(({ dataset }) => dataset)) ?? null,
    initialPageParam: null as string | null,
    getNextPageParam: (page) =>
      page?.versions.pageInfo.hasNextPage ? page.versions.pageInfo.endCursor : undefined,
  });

const idsOf = ({ from, to }: Compared) => ({ fromId: from.id, toId: to?.id ?? null });

// Two versions never change, so what they differ in is known for good; what there is now is another matter.
const staleTime = ({ to }: Compared) => (to === null ? 0 : Number.POSITIVE_INFINITY);

export const diffCountsQuery = (compared: Compared) =>
  queryOptions({
    queryKey: [...DATASETS_KEY, 'diff', idsOf(compared)],
    queryFn: async ({ signal }) =>
      (await request(VersionDiffCountsDocument, idsOf(compared), signal)).versionDiff ?? null,
    staleTime: staleTime(compared),
  });

export const diffEntriesQuery = (compared: Compared, kind: DiffKind, isQuery: boolean) =>
  infiniteQueryOptions({
    queryKey: [...DATASETS_KEY, 'diff', idsOf(compared), kind, isQuery],
    queryFn: ({ pageParam, signal }) =>
      request(
        VersionDiffEntriesDocument,
        { ...idsOf(compared), kind, isQuery, first: ENTRIES_PER_PAGE, after: pageParam },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ versionDiff }) =>
      versionDiff?.entries.pageInfo.hasNextPage ? versionDiff.entries.pageInfo.endCursor : undefined,
    staleTime: staleTime(compared),
  });
