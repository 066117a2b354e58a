import { resolve } from 'node:path';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { Services } from '../../platform/services.js';
import { NO_TALLY, type Tally } from '../ledger/repository.js';

/** A job that was begun here. */
export interface JobHandle {
  readonly jobId: string;
  readonly datasetId: string;
  readonly datasetName: string;
  /** The job now and after every change, until it is finished. */
  watch(signal?: AbortSignal): AsyncGenerator<Job>;
  /** The finished job, with what its ledger counted. */
  finished(): Promise<Job & Tally>;
}

/** Begins the import of a folder of this machine, for programs in this process. */
export async function importFolder(
  { imports, jobs, ledger }: Pick<Services, 'imports' | 'jobs' | 'ledger'>,
  path: string,
  described: { readonly name?: string; readonly description?: string } = {},
): Promise<JobHandle> {
  const { job, dataset } = await imports.importFolder({ path: resolve(path), ...described });
  return {
    jobId: job.id,
    datasetId: dataset.id,
    datasetName: dataset.name,
    watch: (signal) => jobs.watch(job.id, signal),
    async finished() {
      let last = job;
      for await (const now of jobs.watch(job.id)) last = now;
      const tallies = await ledger.tallies([job.id]);
      return { ...last, ...(tallies.get(job.id) ?? NO_TALLY) };
    },
  };
}
