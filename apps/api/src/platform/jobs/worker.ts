import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type HeldJob, holdJob } from './held-job.js';
import { JobStopped, LeaseLostError, type StopReason, toldError } from './job-errors.js';
import type { AnyJobKind, JobKinds } from './job-kind.js';
import type { Ending, JobQueue } from './job-queue.js';
import type { Job } from './job-repository.js';
import type { JobEnd } from './job-run.js';
import { LANE_LIMITS, LANES, type Lane, type LaneLimits } from './lanes.js';

export interface JobWorker {
  start(): Promise<void>;
  /** Tells this process that a job waits; others find it at their next look. */
  wake(): void;
  /** Stops after the batches that are at work; their jobs stay for the next start. */
  stop(): Promise<void>;
}

export interface JobWorkerOptions {
  readonly queue: JobQueue;
  readonly kinds: JobKinds;
  /** What the kinds work with. */
  readonly parts: unknown;
  readonly log: Logger;
  /** Whether no other process can have the database open. */
  readonly alone: boolean;
  readonly limits?: Partial<LaneLimits> | undefined;
  /** How long a worker may give no sign of life before its job goes to another. */
  readonly leaseMs?: number | undefined;
  /** How long a job waits after its first unexpected error; after each further one, four times as long. */
  readonly backoffMs?: number | undefined;
}

// Several renewals may fail before a job is taken away, few enough that a killed worker's job does not wait long.
const LEASE_MS = 20_000;
const SWEEP_MS = 5000;
// How late a job begins that another process made.
const POLL_MS = 2000;
// A database that restarts is back by the second or third try: after 5 s, 20 s and 80 s.
const BACKOFF_MS = 5000;
const BACKOFF_FACTOR = 4;
const RETRIES = 3;

type Parts = JobWorkerOptions & { readonly stopping: AbortSignal; readonly leaseMs: number };

/** Runs the jobs of each lane, as many at a time as its limit says, whatever the others do. */
export function createJobWorker(options: JobWorkerOptions): JobWorker {
  const { queue, kinds, log, alone, leaseMs = LEASE_MS } = options;
  const limits = { ...LANE_LIMITS, ...options.limits };
  const stopping = new AbortController();
  const parts: Parts = { ...options, leaseMs, stopping: stopping.signal };
  const bells = LANES.flatMap((lane) =>
    Array.from({ length: limits[lane] }, () => ({ lane, bell: createBell(stopping.signal) })),
  );
  const wake = () => {
    for (const { bell } of bells) bell.ring();
  };
  let running: Promise<unknown> | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  const sweep = async () => {
    await queue.settleAbandoned();
    for (const kind of kinds.all)
      if (kind.every !== undefined) await queue.schedule(scheduled(kind, kind.every));
  };
  const takeAll = async (lane: Lane, bell: Bell) => {
    while (!stopping.signal.aborted) {
      try {
        if (await takeOne(lane, parts)) continue;
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
      await queue.settleAbandoned(alone);
      await sweep();
      running = Promise.all(bells.map(({ lane, bell }) => takeAll(lane, bell)));
      sweeper = setInterval(
        () => {
          sweep().then(wake, (error: unknown) =>
            log.error({ err: error }, 'looking for waiting jobs failed'),
          );
        },
        Math.min(SWEEP_MS, leaseMs),
      );
      sweeper.unref();
    },
    async stop() {
      stopping.abort();
      clearInterval(sweeper);
      await running;
    },
  };
}

const scheduled = ({ name: kind, lane, version = 1 }: AnyJobKind, everyMs: number) => ({
  ...{ kind, lane, everyMs },
  payloadVersion: version,
  exclusive: `schedule ${kind}`,
});

interface Bell {
  ring(): void;
  wait(ms: number): Promise<void>;
}

/** Lets one sleeper be woken before its time. */
function createBell(stopping: AbortSignal): Bell {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    /** Sleeps for some time, or until somebody rings or has rung since the last sleep. */
    async wait(ms) {
      await sleep(ms, undefined, { signal: AbortSignal.any([rung.signal, stopping]) }).catch(() => {});
      rung = new AbortController();
    },
  };
}

/** Works on one job of the lane; false if none waits. */
async function takeOne(lane: Lane, parts: Parts): Promise<boolean> {
  const { queue, log, stopping, leaseMs } = parts;
  const owner = randomUUID();
  const job = await queue.claim(lane, owner, leaseMs);
  if (job === null) return false;
  const held = holdJob(job, owner, { queue, log, leaseMs, stopping });
  log.info({ jobId: job.id, kind: job.kind, attempt: job.attempts }, 'job begins');
  try {
    await work(job, held, parts);
  } finally {
    await held.letGo();
    log.info({ jobId: job.id, stopped: held.stopReason() }, 'job ends');
  }
  return true;
}

async function work(job: Job, held: HeldJob, parts: Parts): Promise<void> {
  const ran = await runKind(job, held, parts);
  if ('error' in ran) return conclude(ran.error, job, held, parts);
  const { message = null, result = null } = ran.end;
  await note(held, { state: 'SUCCEEDED', message, result }, parts);
  await ran.tidyUp().catch((error: unknown) => {
    parts.log.warn({ err: error, jobId: job.id }, 'tidying up after the job failed');
  });
}

type Ran = { readonly end: JobEnd; tidyUp(): Promise<void> } | { readonly error: unknown };

async function runKind(job: Job, held: HeldJob, { kinds, parts }: Parts): Promise<Ran> {
  try {
    const kind = kinds.required(job.kind);
    const run = { ...held.run, payload: kinds.payloadOf(job) };
    const end = await kind.run(run, parts);
    return { end, tidyUp: async () => kind.onSucceeded?.(run, parts) };
  } catch (error) {
    return { error };
  }
}

/** What becomes of a job whose run threw. */
async function conclude(error: unknown, job: Job, held: HeldJob, parts: Parts): Promise<void> {
  const { log, queue, kinds } = parts;
  const reason = held.stopReason();
  if (error instanceof LeaseLostError || reason === 'lost') {
    log.warn({ jobId: job.id }, 'another worker has taken over the job');
    return;
  }
  if (reason !== null && isAbort(error)) return settle(reason, held, parts);
  const traceId = randomUUID();
  const { code, message, retryable } = toldError(error, traceId);
  if (code === 'UNEXPECTED') log.error({ err: error, jobId: job.id, traceId }, 'job failed');
  // Told to people on the job itself, and nothing that is wrong with the server.
  else log.info({ jobId: job.id, code, reason: message }, 'job failed');
  held.run.log(message, 'error');
  if (reason === 'cancelled') return settle(reason, held, parts);
  const { retries = RETRIES } = kinds.find(job.kind) ?? {};
  // Progress that is not written yet clears the count of setbacks.
  await held.flush();
  await keepTrying(parts, async () => {
    const setbacks = await queue.setbacks(job.id);
    if (!retryable || setbacks >= retries) {
      return queue.finish(job.id, held.run.owner, { state: 'FAILED', message, errorCode: code });
    }
    const delayMs = (parts.backoffMs ?? BACKOFF_MS) * BACKOFF_FACTOR ** setbacks;
    const again = `${message} It is tried again by itself: ${setbacks + 1} of ${retries}.`;
    return queue.postpone(job.id, held.run.owner, delayMs, again);
  });
}

// Libraries wrap the signal's reason, or make an error of their own of that name.
const isAbort = (error: unknown): boolean =>
  error instanceof JobStopped || (error instanceof Error && error.name === 'AbortError');

/** What becomes of a job whose run stopped as it was told. */
async function settle(reason: StopReason, held: HeldJob, parts: Parts): Promise<void> {
  const { id, owner } = held.run;
  if (reason === 'cancelled') return note(held, { state: 'CANCELLED', message: null }, parts);
  await keepTrying(parts, async () => {
    if (reason === 'paused' && (await parts.queue.park(id, owner))) return;
    await parts.queue.release(id, owner);
  });
}

/** The last that is said of a job. */
async function note(held: HeldJob, ending: Ending, parts: Parts): Promise<void> {
  await held.flush();
  await keepTrying(parts, () => parts.queue.finish(held.run.id, held.run.owner, ending));
}

const FIRST_RETRY_MS = 100;

/** Writes a note for as long as the lease holds: a database that is away for a moment shall not cost finished work.
 *  @throws what the last try did. */
async function keepTrying({ leaseMs, stopping, log }: Parts, write: () => Promise<void>): Promise<void> {
  const until = performance.now() + leaseMs;
  for (let waitMs = FIRST_RETRY_MS; ; waitMs *= 2) {
    try {
      return await write();
    } catch (error) {
      if (stopping.aborted || performance.now() + waitMs > until) throw error;
      log.warn({ err: error }, 'how a job ended was not written; trying again');
      await sleep(waitMs, undefined, { signal: stopping }).catch(() => {});
    }
  }
}
