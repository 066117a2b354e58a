import { Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import { IDLE, type Job, type Json } from './job-repository.js';
import type { LogLevel } from './job-run.js';
import type { Lane } from './lanes.js';

/** What a person asked of a running job. */
export interface Requests {
  readonly cancelRequested: boolean;
  readonly pauseRequested: boolean;
}

/** How a job ends. */
export interface Ending {
  readonly state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly message: string | null;
  readonly result?: Json | null;
  readonly errorCode?: string | null;
}

export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly ratePerSecond: number | null;
}

export interface NewLogLine {
  readonly at: Date;
  readonly level: LogLevel;
  readonly text: string;
}

export interface ScheduledJob {
  readonly kind: string;
  readonly lane: Lane;
  readonly payloadVersion: number;
  readonly exclusive: string | null;
  readonly everyMs: number;
}

/** The queue as workers see it: who works on what, until when that holds without a sign of life, and what became of it.
 *  The job's own row is the one truth of all of that. Every call names the worker by `owner`, and does nothing for one
 *  that has lost its lease. Times are the database's own, so that machines need not agree on the hour. */
export interface JobQueue {
  /** Makes `owner` the only worker of the oldest job of the lane that may begin now. Null if there is none. */
  claim(lane: Lane, owner: string, leaseMs: number): Promise<Job | null>;
  /** A sign of life. Null if the lease was lost. */
  renew(id: string, owner: string, leaseMs: number): Promise<Requests | null>;
  say(id: string, owner: string, message: string | null): Promise<void>;
  progress(id: string, owner: string, progress: Progress): Promise<void>;
  log(id: string, lines: readonly NewLogLine[]): Promise<void>;
  finish(id: string, owner: string, ending: Ending): Promise<void>;
  /** Errors and deaths since the job last got further. */
  setbacks(id: string): Promise<number>;
  /** Hands the job back, for another worker or a later start. */
  release(id: string, owner: string): Promise<void>;
  /** Hands the job back after an error, to be tried again in so many milliseconds. */
  postpone(id: string, owner: string, delayMs: number, message: string): Promise<void>;
  /** Sets a running job aside, for when it is told to go on. False if it was told so meanwhile. */
  park(id: string, owner: string): Promise<boolean>;
  /** Takes jobs from workers that gave no sign of life, or, where no other process can have the database open, from
   *  all: they are cancelled, set aside, put back, or have failed where that happened too often without progress. */
  settleAbandoned(all?: boolean): Promise<void>;
  /** Makes the job of a schedule whose time has come. */
  schedule(job: ScheduledJob): Promise<void>;
}

/** A job that kills its worker must not do so for ever; four kills can be bad luck. */
const MAX_DEATHS = 5;
/** Lines kept of one job's log, the newest: a training that tells of every hundredth step stays far below. */
const LOG_LINES = 10_000;
// Claims wait for each other, so that two jobs that exclude each other never begin at once; "jobs" in ASCII.
const CLAIM_LOCK = 0x6a6f6273;

const inMs = (ms: number) => Prisma.sql`now() + ${Math.round(ms)}::int * interval '1 millisecond'`;

/** Jobs `j` of a lane that wait for nothing but a worker. */
const mayBegin = (lane: Lane) => Prisma.sql`
  lane = ${lane} AND state = 'QUEUED' AND NOT pause_requested AND NOT cancel_requested
  AND (run_after IS NULL OR run_after <= now())
  AND (exclusive IS NULL OR NOT EXISTS (SELECT 1 FROM job o WHERE o.state = 'RUNNING' AND o.exclusive = j.exclusive))`;

export const createJobQueue = (prisma: PrismaClient): JobQueue => ({
  ...leases(prisma),
  ...notes(prisma),
  ...upkeep(prisma),
});

const leases = (
  prisma: PrismaClient,
): Pick<JobQueue, 'claim' | 'renew' | 'release' | 'postpone' | 'park'> => ({
  async claim(lane, owner, leaseMs) {
    // Mostly there is none: a look holds up nobody.
    const waiting = await prisma.$queryRaw<unknown[]>`SELECT 1 FROM job j WHERE ${mayBegin(lane)} LIMIT 1`;
    if (waiting.length === 0) return null;
    const [, taken] = await prisma.$transaction([
      prisma.$executeRaw`SELECT pg_advisory_xact_lock(${CLAIM_LOCK}::bigint)`,
      // A statement of its own, so that it sees what the claim before it, which held the lock, has changed.
      prisma.$queryRaw<{ id: string }[]>`
        UPDATE job SET state = 'RUNNING', lease_owner = ${owner}::uuid, lease_until = ${inMs(leaseMs)},
          heartbeat_at = now(), run_after = NULL, started_at = coalesce(started_at, now()), attempts = attempts + 1
        WHERE id = (SELECT id FROM job j WHERE ${mayBegin(lane)} ORDER BY id LIMIT 1)
        RETURNING id`,
    ]);
    const id = taken[0]?.id;
    return id === undefined ? null : prisma.job.findUnique({ where: { id } });
  },
  async renew(id, owner, leaseMs) {
    const [row] = await prisma.$queryRaw<Requests[]>`
      UPDATE job SET lease_until = ${inMs(leaseMs)}, heartbeat_at = now()
      WHERE id = ${id}::uuid AND lease_owner = ${owner}::uuid AND state = 'RUNNING'
      RETURNING cancel_requested AS "cancelRequested", pause_requested AS "pauseRequested"`;
    return row ?? null;
  },
  async release(id, owner) {
    await prisma.job.updateMany({ where: held(id, owner), data: BACK });
  },
  async postpone(id, owner, delayMs, message) {
    await prisma.$executeRaw`
      UPDATE job SET state = 'QUEUED', lease_owner = NULL, lease_until = NULL, rate_per_second = NULL,
        seconds_left = NULL, message = ${message}, setbacks = setbacks + 1, run_after = ${inMs(delayMs)}
      WHERE id = ${id}::uuid AND lease_owner = ${owner}::uuid AND state = 'RUNNING'`;
  },
  async park(id, owner) {
    const { count } = await prisma.job.updateMany({
      where: { ...held(id, owner), pauseRequested: true },
      data: { ...IDLE, state: 'PAUSED' },
    });
    return count > 0;
  },
});

const held = (id: string, leaseOwner: string) => ({ id, leaseOwner, state: 'RUNNING' }) as const;

// Requests stay: whoever settles abandoned jobs does what was asked.
const { pauseRequested: _asked, ...UNHELD } = IDLE;
const BACK = { ...UNHELD, state: 'QUEUED' } as const;

const notes = (prisma: PrismaClient): Pick<JobQueue, 'say' | 'progress' | 'log' | 'finish' | 'setbacks'> => ({
  async say(id, owner, message) {
    await prisma.job.updateMany({ where: { id, leaseOwner: owner }, data: { message } });
  },
  async progress(id, owner, { done, total, ratePerSecond }) {
    await prisma.$executeRaw`
      UPDATE job SET done = ${done}::int, total = ${total}::int, rate_per_second = ${ratePerSecond}::float8,
        seconds_left = greatest(${total}::int - ${done}::int, 0) / nullif(${ratePerSecond}::float8, 0),
        setbacks = CASE WHEN ${done}::int > done THEN 0 ELSE setbacks END
      WHERE id = ${id}::uuid AND lease_owner = ${owner}::uuid`;
  },
  async log(jobId, lines) {
    await prisma.jobLogLine.createMany({ data: lines.map((line) => ({ ...line, jobId })) });
    const [oldest] = await prisma.jobLogLine.findMany({
      where: { jobId },
      orderBy: { id: 'desc' },
      skip: LOG_LINES,
      take: 1,
      select: { id: true },
    });
    if (oldest) await prisma.jobLogLine.deleteMany({ where: { jobId, id: { lte: oldest.id } } });
  },
  async setbacks(id) {
    const job = await prisma.job.findUnique({ where: { id }, select: { setbacks: true } });
    return job?.setbacks ?? 0;
  },
  async finish(id, owner, { state, message, result = null, errorCode = null }) {
    await prisma.job.updateMany({
      where: held(id, owner),
      data: {
        ...IDLE,
        state,
        message,
        errorCode,
        result: result === null ? Prisma.DbNull : (result as Prisma.InputJsonValue),
        finishedAt: new Date(),
      },
    });
  },
});

const upkeep = (prisma: PrismaClient): Pick<JobQueue, 'settleAbandoned' | 'schedule'> => ({
  async settleAbandoned(all = false) {
    const died = 'The process that worked on this job ended ';
    await prisma.$executeRaw`
      WITH abandoned AS (
        SELECT id, state = 'RUNNING' AS died, state = 'RUNNING' AND setbacks + 1 >= ${MAX_DEATHS}::int AS dead
        FROM job
        WHERE (state = 'RUNNING' AND (${all}::boolean OR lease_until IS NULL OR lease_until < now()))
          OR (state = 'QUEUED' AND (pause_requested OR cancel_requested)) FOR UPDATE SKIP LOCKED)
      UPDATE job j SET
        state = CASE WHEN j.cancel_requested THEN 'CANCELLED' WHEN j.pause_requested THEN 'PAUSED'
          WHEN a.dead THEN 'FAILED' ELSE 'QUEUED' END::job_state,
        finished_at = CASE WHEN j.cancel_requested OR (a.dead AND NOT j.pause_requested) THEN now() END,
        message = CASE WHEN a.dead AND NOT j.cancel_requested AND NOT j.pause_requested
          THEN ${died}::text || (j.setbacks + 1) || ' times at the same point.' ELSE j.message END,
        error_code = CASE WHEN a.dead AND NOT j.cancel_requested AND NOT j.pause_requested THEN 'WORKER_DIED' END,
        setbacks = CASE WHEN a.died THEN j.setbacks + 1 ELSE j.setbacks END,
        pause_requested = false, lease_owner = NULL, lease_until = NULL, rate_per_second = NULL, seconds_left = NULL
      FROM abandoned a WHERE j.id = a.id`;
  },
  async schedule({ kind, lane, payloadVersion, exclusive, everyMs }) {
    await prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${CLAIM_LOCK}::bigint)`;
      const due = await tx.$queryRaw<unknown[]>`
        SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM job WHERE kind = ${kind}
          AND (finished_at IS NULL OR created_at > now() - ${everyMs}::float8 * interval '1 millisecond'))`;
      if (due.length > 0)
        await tx.job.create({ data: { kind, lane, payload: {}, payloadVersion, exclusive } });
    });
  },
});
