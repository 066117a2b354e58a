import DataLoader from 'dataloader';
import { type LoadersOf, rowLoader } from '../../platform/graphql/loaders.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { Services } from '../../platform/services.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof jobLoaders> {}
}

export const jobLoaders = {
  jobs: ({ jobs }: Services) => rowLoader('job', (ids) => jobs.byIds(ids)),
  latestJobs: ({ jobs }: Services) =>
    new DataLoader<string, Job | null>(async (ids) => {
      const found = await jobs.latestOfDatasets(ids);
      return ids.map((id) => found.find(({ datasetId }) => datasetId === id) ?? null);
    }),
};
