import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { type JobProgressFragment, JobsDocument } from '../generated/graphql';

export type Job = JobProgressFragment;

export const JOBS_KEY = ['jobs'] as const;

const BUSY_POLL_MS = 1_000;
const IDLE_POLL_MS = 8_000;

export const isActive = ({ state }: Pick<Job, 'state'>) => state === 'QUEUED' || state === 'RUNNING';

/** The newest jobs, asked for every second while one runs and rarely otherwise; hidden tabs ask nothing. */
export const recentJobsQuery = () =>
  queryOptions({
    queryKey: [...JOBS_KEY, 'recent'],
    queryFn: async ({ signal }) => {
      const { jobs } = await request(JobsDocument, { first: 10 }, signal);
      return jobs.edges.map(({ node }) => node);
    },
    refetchInterval: ({ state }) => (state.data?.some(isActive) ? BUSY_POLL_MS : IDLE_POLL_MS),
    refetchIntervalInBackground: false,
  });
