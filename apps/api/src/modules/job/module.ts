import { createJobRepository } from '../../platform/jobs/job-repository.js';
import { defineModule } from '../../platform/module.js';
import { jobLoaders } from './loaders.js';
import { createJobService, type JobService, jobsWithin } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly jobs: JobService;
  }
}

export const jobModule = defineModule({
  name: 'job',
  loaders: jobLoaders,
  create({ prisma, jobKinds: kinds, wakeWorker: wake }) {
    const jobs = createJobService({ jobs: createJobRepository(prisma), kinds, wake });
    return { services: { jobs }, scope: (own) => ({ jobs: jobsWithin(jobs, own) }) };
  },
});
