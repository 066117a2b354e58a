import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '@freestyle/core';
import type { Pool } from 'pg';
import PgBoss from 'pg-boss';
import type { Logger } from 'pino';
import { LeaseLostError } from '../modules/job/lease-repository.js';
import type { Job, JobKind, JobRepository } from '../modules/job/repository.js';
import { ApiError } from '../platform/errors.js';
import { JobFailure, type JobHandler, type JobRun } from './job-run.js';

export interface JobWorker {
  start(): Promise<void>;
  /** Tells the workers that a job waits. */
  wake(jobId: string): Promise<void>;
  /** Stops after the batch that is at work; the job stays for the next start. */
  stop(): Promise<void>;
}

export interface JobWorkerOptions {
  readonly pool: Pool;
  readonly jobs: JobRepository;
  /** A kind without one fails with a message: its job was made by another release. */
  readonly handlers: Readonly<Partial<Record<JobKind, JobHandler>>>;
  readonly log: Logger;
  /** Is told of every job that has ended well; its failure does not make the job's. */
  onSucceeded?(job: Job): Promise<void>;
  /** Whether no other process can have the database open. */
  readonly alone: boolean;
  /** How long a worker may give no sign of life before its job goes to another. */
  readonly leaseMs?: number | undefined;
}

const QUEUE = 'freestyle-jobs';
// Several renewals may fail before a job is taken away, few enough that a killed worker's job does not wait long.
const LEASE_MS = 20_000;
// A cancellation is noticed at a renewal, so it comes more often than the lease needs.
const RENEW_MS = 1000;
const SWEEP_MS = 5000;
const POLL_MS = 2000;

/** Runs jobs one at a time. The queue (pg-boss) only says which job to look at; whether it is worked on, and by
 *  whom, is told by the lease on the job's own row. So a message that comes twice, or never, does no harm. */
export function createJobWorker(options: JobWorkerOptions): JobWorker {
  const { jobs, log, alone } = options;
  const boss = new PgBoss({ db: queueDatabase(options.pool), schedule: false });
  boss.on('error', (error) => log.error({ err: error }, 'the job queue failed'));
  const stopping = new AbortController();
  const bell = createBell(stopping.signal);
  let running: Promise<void> | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  const wake = async (jobId: string) => {
    // Before the start, the job is found by the sweep that the start begins with.
    if (!running || stopping.signal.aborted) return;
    await boss.send(QUEUE, { jobId }, { singletonKey: jobId, retryLimit: 0 });
    bell.ring();
  };
  const sweep = async () => {
    await jobs.settleAbandoned();
    for (const id of await jobs.runnable()) await wake(id);
  };
  /** Looks at one job; false if none waits. */
  const takeOne = async (): Promise<boolean> => {
    const [message] = await boss.fetch<{ jobId: string }>(QUEUE);
    if (message === undefined || stopping.signal.aborted) return false;
    await runJob(message.data.jobId, options, stopping.signal);
    await boss.complete(QUEUE, message.id);
    return true;
  };
  // Not the queue's own loop: that does not wait for its note that a message is done, and where the database is away at
  // that moment nobody catches the error.
  const takeAll = async () => {
    while (!stopping.signal.aborted) {
      try {
        if (await takeOne()) continue;
      } catch (error) {
        // The job's lease runs out, and the sweep finds it when the database is back.
        log.error({ err: error }, 'a waiting job could not be taken up or put down');
      }
      await bell.wait(POLL_MS);
    }
  };

  return {
    wake,
    async start() {
      if (alone) await jobs.clearLeases();
      await boss.start();
      await boss.createQueue(QUEUE, { name: QUEUE, policy: 'short' });
      running = takeAll();
      await sweep();
      sweeper = setInterval(
        () => {
          sweep().catch((error: unknown) => log.error({ err: error }, 'looking for waiting jobs failed'));
        },
        Math.min(SWEEP_MS, options.leaseMs ?? SWEEP_MS),
      );
      sweeper.unref();
    },
    async stop() {
      stopping.abort();
      clearInterval(sweeper);
      await running;
      await boss.stop({ graceful: false, wait: true, close: false });
    },
  };
}

/** What the queue asks of the database. */
const queueDatabase = (pool: Pool) => ({
  async executeSql(text: string, values: unknown[]): Promise<{ rows: unknown[] }> {
    // A statement list comes back as a list of results.
    const result: unknown = await pool.query(text, values);
    return (Array.isArray(result) ? result.at(-1) : result) as { rows: unknown[] };
  },
});

/** Lets one sleeper be woken before its time. */
function createBell(stopping: AbortSignal) {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    /** Sleeps for some time, or until somebody rings or has rung since the last sleep. */
    async wait(ms: number): Promise<void> {
      await sleep(ms, undefined, { signal: AbortSignal.any([rung.signal, stopping]) }).catch(() => {});
      rung = new AbortController();
    },
  };
}

async function runJob(jobId: string, options: JobWorkerOptions, stopping: AbortSignal): Promise<void> {
  const { jobs, handlers, log } = options;
  const owner = randomUUID();
  const job = await jobs.acquire(jobId, owner, options.leaseMs ?? LEASE_MS);
  if (job === null) return;
  const hold = holdLease(job, owner, options, stopping);
  log.info({ jobId, kind: job.kind }, 'job begins');
  try {
    const handler = handlers[job.kind];
    if (handler === undefined) throw new JobFailure(`This server knows no work of the kind ${job.kind}.`);
    const message = await handler(hold.run);
    await settle(hold.outcome(), job, owner, message, options);
  } catch (error) {
    await conclude(error, job, owner, options);
  } finally {
    hold.end();
    log.info({ jobId, outcome: hold.outcome() }, 'job ends');
  }
}

async function settle(
  outcome: Outcome,
  job: Job,
  owner: string,
  message: string | null,
  { jobs, log, onSucceeded }: JobWorkerOptions,
): Promise<void> {
  if (outcome === 'paused' && (await jobs.park(job.id, owner))) return;
  if (outcome === 'stopped' || outcome === 'paused') return jobs.release(job.id, owner);
  if (outcome === 'cancelled') return jobs.finish(job.id, owner, 'CANCELLED', message);
  await jobs.finish(job.id, owner, 'SUCCEEDED', message);
  await onSucceeded?.(job).catch((error: unknown) =>
    log.warn({ err: error, jobId: job.id }, 'tidying up after the job failed'),
  );
}

async function conclude(
  error: unknown,
  job: Job,
  owner: string,
  { jobs, log }: JobWorkerOptions,
): Promise<void> {
  if (error instanceof LeaseLostError) {
    log.warn({ jobId: job.id }, error.message);
    return;
  }
  const traceId = randomUUID();
  // The words of an error that nobody expected are made for the log alone: they may hold code and paths.
  const message = isOurs(error)
    ? error.message
    : `The job stopped on something that went wrong on our side. The log has it under ${traceId}.`;
  // Told to people on the job itself, and nothing that is wrong with the server.
  if (error instanceof JobFailure) log.info({ jobId: job.id, reason: error.message }, 'job failed');
  else log.error({ err: error, jobId: job.id, traceId }, 'job failed');
  await jobs.finish(job.id, owner, 'FAILED', message);
}

const isOurs = (error: unknown): error is Error =>
  error instanceof JobFailure || error instanceof ApiError || error instanceof CoreError;

type Outcome = 'working' | 'stopped' | 'paused' | 'cancelled' | 'lost';

/** Renews the lease in the background and turns what it learns into a signal. */
function holdLease(
  job: Job,
  owner: string,
  { jobs, log, leaseMs = LEASE_MS }: JobWorkerOptions,
  stopping: AbortSignal,
) {
  const controller = new AbortController();
  let outcome: Outcome = 'working';
  const end = (why: Outcome) => {
    if (outcome === 'working') outcome = why;
    controller.abort();
  };
  const stop = () => end('stopped');
  if (stopping.aborted) stop();
  stopping.addEventListener('abort', stop, { once: true });
  const renew = async () => {
    const lease = await jobs.renew(job.id, owner, leaseMs);
    if (lease === null) end('lost');
    else if (lease.cancelRequested) end('cancelled');
    else if (lease.pauseRequested) end('paused');
  };
  const timer = setInterval(
    () => {
      renew().catch((error: unknown) => log.warn({ err: error, jobId: job.id }, 'the lease was not renewed'));
    },
    Math.min(RENEW_MS, leaseMs / 4),
  );
  const run: JobRun = {
    job,
    owner,
    signal: controller.signal,
    say: (message) => jobs.setMessage(job.id, owner, message),
  };
  return {
    run,
    outcome: () => outcome,
    end() {
      clearInterval(timer);
      stopping.removeEventListener('abort', stop);
    },
  };
}
