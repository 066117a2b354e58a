'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { request } from '../api/client';
import { JobStatesDocument } from '../generated/graphql';
import { JOBS_KEY, type Job } from './job-queries';

const NONE: ReadonlyMap<string, number> = new Map();

/**
 * How many queries each finished import took: a ledger that calls them photos does not add up for whoever counts. While
 * an import runs its counters alone are told, because counting the entries of a large one takes longer than a tick.
 */
export function useStoredCounts(jobs: readonly Job[]): ReadonlyMap<string, number> {
  const finished = jobs.filter(({ kind, state }) => kind === 'IMPORT' && state === 'SUCCEEDED');
  const ids = finished.map(({ id }) => id);
  const { data } = useQuery({
    // What was tried again has another end.
    queryKey: [...JOBS_KEY, 'states', finished.map(({ id, finishedAt }) => `${id} ${finishedAt}`)],
    queryFn: async ({ signal }) => {
      const { nodes } = await request(JobStatesDocument, { ids }, signal);
      return new Map(
        nodes.flatMap((node) =>
          node?.__typename === 'Job'
            ? [[node.id, node.states.find(({ value }) => value === 'STORED')?.count ?? 0] as const]
            : [],
        ),
      );
    },
    enabled: ids.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  return data ?? NONE;
}
