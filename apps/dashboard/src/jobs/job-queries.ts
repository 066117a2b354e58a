import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { JobDocument, type JobProgressFragment, JobsDocument } from '../generated/graphql';

export type Job = JobProgressFragment;

export const JOBS_KEY = ['jobs'] as const;

// A stream tells what happens to the job at work; asking is for what it does not tell, and for when it breaks.
const BUSY_POLL_MS = 4_000;
const IDLE_POLL_MS = 8_000;

export const isActive = ({ state }: Pick<Job, 'state'>) => state === 'QUEUED' || state === 'RUNNING';

/** A job that has an end before it: at work, waiting for it, or set aside. */
export const isUnfinished = (job: Pick<Job, 'state'>) => isActive(job) || job.state === 'PAUSED';

/** The newest jobs; hidden tabs ask nothing. */
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

const JOBS_OF_DATASET = 50;

/** The jobs of one dataset, newest first. */
export const datasetJobsQuery = (datasetId: string) =>
  queryOptions({
    queryKey: [...JOBS_KEY, 'dataset', datasetId],
    queryFn: async ({ signal }) => {
      const { jobs } = await request(JobsDocument, { first: JOBS_OF_DATASET, datasetId }, signal);
      return jobs.edges.map(({ node }) => node);
    },
    refetchInterval: ({ state }) => (state.data?.some(isActive) ? BUSY_POLL_MS : IDLE_POLL_MS),
  });

/** One job; null where there is none. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: [...JOBS_KEY, 'one', id],
    queryFn: async ({ signal }) => (await request(JobDocument, { id }, signal)).job ?? null,
    refetchInterval: ({ state }) => (state.data && isActive(state.data) ? BUSY_POLL_MS : false),
  });
