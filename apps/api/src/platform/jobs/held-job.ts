import type { Logger } from 'pino';
import { JobStopped, type StopReason } from './job-errors.js';
import type { JobQueue, NewLogLine } from './job-queue.js';
import type { Job } from './job-repository.js';
import type { JobRun } from './job-run.js';
import { createRateMeter } from './rate-meter.js';

/** A job in one worker's hands: kept alive in the background, with its progress and log lines written on the way. */
export interface HeldJob {
  /** All but the payload, which the kind has to read first. */
  readonly run: Omit<JobRun, 'payload'>;
  /** Why the run's signal fired, or null. */
  stopReason(): StopReason | null;
  /** Writes what is not written yet; a failure is logged. */
  flush(): Promise<void>;
  /** Writes what is not written yet. Afterwards the lease is renewed no more. */
  letGo(): Promise<void>;
}

export interface HoldOptions {
  readonly queue: JobQueue;
  readonly log: Logger;
  readonly leaseMs: number;
  /** Fires when the process shall end. */
  readonly stopping: AbortSignal;
}

// A cancellation is noticed at a renewal, so it comes more often than the lease needs.
const RENEW_MS = 1000;
// As often as people see a change; a step of a training takes less.
const WRITE_MS = 250;
// Longer lines are the output of a tool that went wrong.
const LINE_LENGTH = 2000;

export function holdJob(job: Job, owner: string, options: HoldOptions): HeldJob {
  const { queue, log, leaseMs, stopping } = options;
  const controller = new AbortController();
  let reason: StopReason | null = null;
  const stop = (why: StopReason) => {
    reason ??= why;
    controller.abort(new JobStopped(reason));
  };
  const onStopping = () => stop('stopped');
  if (stopping.aborted) onStopping();
  stopping.addEventListener('abort', onStopping, { once: true });

  const notes = createNotes(job, owner, options);
  const renew = async () => {
    const requests = await queue.renew(job.id, owner, leaseMs);
    if (requests === null) stop('lost');
    else if (requests.cancelRequested) stop('cancelled');
    else if (requests.pauseRequested) stop('paused');
  };
  const timer = setInterval(
    () => {
      renew().catch((error: unknown) => log.warn({ err: error, jobId: job.id }, 'the lease was not renewed'));
    },
    Math.min(RENEW_MS, leaseMs / 4),
  );

  const { id, datasetId, startedBy, attempts: attempt, total, done } = job;
  return {
    run: {
      ...{ id, datasetId, startedBy, owner, attempt },
      before: { total, done },
      signal: controller.signal,
      progress: notes.progress,
      log: notes.log,
      say: (message) => queue.say(id, owner, message),
    },
    stopReason: () => reason,
    flush: notes.flush,
    async letGo() {
      clearInterval(timer);
      stopping.removeEventListener('abort', onStopping);
      await notes.flush();
    },
  };
}

/** Collects what a run tells and writes it soon, in one go. */
function createNotes({ id, done: doneBefore }: Job, owner: string, { queue, log }: HoldOptions) {
  const meter = createRateMeter();
  let lines: NewLogLine[] = [];
  let latest: { done: number; total: number | null } | null = null;
  let counted = doneBefore;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    if (latest !== null) {
      const { done, total } = latest;
      latest = null;
      const ratePerSecond = meter.add(Math.max(0, done - counted));
      counted = done;
      await queue.progress(id, owner, { done, total, ratePerSecond });
    }
    const taken = lines;
    lines = [];
    if (taken.length > 0) await queue.log(id, taken);
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => {
      log.warn({ err: error, jobId: id }, 'progress and log of a job were not written');
    });
    return writing;
  };
  const soon = () => {
    timer ??= setTimeout(() => void flush(), WRITE_MS);
  };
  return {
    flush,
    progress(done: number, total: number | null) {
      latest = { done, total };
      soon();
    },
    log(text: string, level: NewLogLine['level'] = 'info') {
      lines.push({ at: new Date(), level, text: text.slice(0, LINE_LENGTH) });
      soon();
    },
  };
}
