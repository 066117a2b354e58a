import type { Job } from '../modules/job/repository.js';

/** One worker's hold on a job. */
export interface JobRun {
  readonly job: Job;
  /** Whom the lease belongs to. */
  readonly owner: string;
  /** Fires when the work shall stop after the batch it is at: cancelled, shut down, or taken over by another. */
  readonly signal: AbortSignal;
  /** Replaces what the job tells people. */
  say(message: string | null): Promise<void>;
}

/** Does the work of one kind of job. Returns what to tell people at the end, or null. It returns early without a
 *  word when the signal fires, and is called again later to go on. */
export type JobHandler = (run: JobRun) => Promise<string | null>;

/** Ends a job as failed, with a message made for people. */
export class JobFailure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'JobFailure';
  }
}
