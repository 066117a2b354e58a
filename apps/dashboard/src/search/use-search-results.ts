'use client';

import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { request } from '../api/client';
import { SearchCountsDocument, SearchDocument, type SearchQuery } from '../generated/graphql';
import { filterKey, toFilterInput } from '../photos/photo-filter';
import { type SearchState, toSearchInput } from './query';

export type SearchPage = NonNullable<SearchQuery['search']>;
export type Hit = SearchPage['edges'][number];

const HITS_PER_PAGE = 30;
/** Long enough to let a word be typed or a slider be dragged, short enough to feel immediate. */
const DEBOUNCE_MS = 180;

/**
 * The ranked hits of a search, page by page. A newer search aborts the request of an older one, and the older
 * hits stay on the page, marked as stale, until the newer ones are there.
 */
export function useSearchResults(state: SearchState) {
  const [settled] = useDebouncedValue(state, DEBOUNCE_MS);
  const input = toSearchInput(settled.parts);
  const query = useInfiniteQuery({
    queryKey: ['search', input, ...narrowKey(settled), settled.weak],
    queryFn: async ({ pageParam, signal }) => {
      if (!input) throw new Error('A search without a part is never sent.');
      const variables = {
        query: input,
        ...narrowing(settled),
        showWeak: settled.weak,
        first: HITS_PER_PAGE,
        after: pageParam,
      };
      const { search } = await request(SearchDocument, variables, signal);
      if (!search) throw new Error('The search came back without an answer.');
      return search;
    },
    enabled: input !== null,
    initialPageParam: null as string | null,
    getNextPageParam: ({ pageInfo }) => (pageInfo.hasNextPage ? pageInfo.endCursor : undefined),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const pages = input ? (query.data?.pages ?? []) : [];
  return {
    input,
    /** The first page carries the timing and what was seen in the pictures. */
    report: pages[0],
    hits: pages.flatMap(({ edges }) => edges),
    /** The hits on the page belong to an older search. */
    isStale: query.isPlaceholderData || state !== settled,
    isLoading: input !== null && query.isPending,
    isFetching: query.isFetching,
    error: query.error,
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage && !query.isPlaceholderData,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
  };
}

export type SearchResults = ReturnType<typeof useSearchResults>;

const narrowing = ({ datasets, filter, mode }: SearchState) => ({
  datasets: datasets.length > 0 ? [...datasets] : null,
  filter: toFilterInput(filter),
  mode,
});

const narrowKey = ({ datasets, filter, mode }: SearchState) => [datasets, filterKey(filter), mode];

/** What is among everything that a search finds, and how much is below the floor. Every photo is ranked for it, so it is
 *  asked for once the hits are there. */
export function useSearchCounts(state: SearchState, results: SearchResults) {
  const { input, isStale, report } = results;
  const { data } = useQuery({
    queryKey: ['search-counts', input, ...narrowKey(state)],
    queryFn: async ({ signal }) => {
      if (!input) throw new Error('A search without a part is never sent.');
      return (
        (await request(SearchCountsDocument, { query: input, ...narrowing(state) }, signal)).search ?? null
      );
    },
    enabled: input !== null && !isStale && report !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return input === null ? null : (data ?? null);
}

export type SearchCounts = NonNullable<ReturnType<typeof useSearchCounts>>;
