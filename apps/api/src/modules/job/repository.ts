import type { ImportItem, Job, Prisma, PrismaClient } from '../../generated/prisma/client.js';
import type { ItemState, JobKind, JobState } from '../../generated/prisma/enums.js';
import type { KeysetPage } from '../../platform/database/paging.js';

export type { ImportItem, ItemState, Job, JobKind, JobState };

/** States in which a job still has something to do. */
const UNFINISHED: JobState[] = ['QUEUED', 'RUNNING', 'PAUSED'];
/** Ledger entries that a person may want to look at. */
const REJECTED_STATES: ItemState[] = ['REJECTED', 'FAILED', 'DUPLICATE'];

/** What a job was asked for: plain JSON, read back through the schema of its kind. */
export type JobOptions = Readonly<Record<string, unknown>>;

/** What a person asked of a running job. */
export interface Requests {
  readonly cancelRequested: boolean;
  readonly pauseRequested: boolean;
}

export type FinalState = 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export interface JobFilter {
  readonly states?: readonly JobState[] | null | undefined;
  readonly kinds?: readonly JobKind[] | null | undefined;
  readonly datasetId?: string | null | undefined;
}

export interface JobRepository {
  byIds(ids: readonly string[]): Promise<Job[]>;
  latestOfDatasets(ids: readonly string[]): Promise<Job[]>;
  /** Newest first. */
  page(filter: JobFilter, page: KeysetPage): Promise<Job[]>;
  rejects(jobId: string, page: KeysetPage): Promise<ImportItem[]>;
  countRejects(jobId: string): Promise<number>;
  /** @param options what was asked for, as the kind's own schema has it. */
  create(kind: JobKind, datasetId: string | null, options: JobOptions): Promise<Job>;
  /** One that was asked for the very same and has something to do yet. */
  unfinished(kind: JobKind, datasetId: string | null, options: JobOptions): Promise<Job | null>;
  /** Ledger entries of each state. */
  countStates(jobIds: readonly string[]): Promise<{ jobId: string; state: ItemState; count: number }[]>;
  /** Ids of jobs that wait, or whose worker gave no sign of life. */
  runnable(): Promise<string[]>;
  /** Makes `owner` the only worker of the job. Null if it is finished, told to stop, or somebody else works on it. */
  acquire(id: string, owner: string, leaseMs: number): Promise<Job | null>;
  /** Null if the lease was lost. */
  renew(id: string, owner: string, leaseMs: number): Promise<Requests | null>;
  setMessage(id: string, owner: string, message: string | null): Promise<void>;
  setTotal(id: string, owner: string, total: number): Promise<void>;
  finish(id: string, owner: string, state: FinalState, message: string | null): Promise<void>;
  /** Hands the job back, for another worker or a later start. */
  release(id: string, owner: string): Promise<void>;
  /** For a database that only this process can have open: nobody can hold a lease. */
  clearLeases(): Promise<void>;
  /** Sets a running job aside, for when it is told to go on. False if it was told so meanwhile. */
  park(id: string, owner: string): Promise<boolean>;
  /** Cancels what was to be cancelled, and sets aside what was to be paused, when its worker stopped or died. */
  settleAbandoned(): Promise<void>;
  /** A waiting job is paused at once, a running one by its worker; one that is being cancelled is not.
   *  Null if it was finished. */
  pause(id: string): Promise<Job | null>;
  /** Lets a paused job wait for a worker again. Null if it was finished. */
  resume(id: string): Promise<Job | null>;
  /** A waiting or paused job is cancelled at once, a running one by its worker. Null if it was finished. */
  cancel(id: string): Promise<Job | null>;
  /** Puts the refused items, and whatever was left over, to work again. Null if the job is not finished. */
  requeue(id: string): Promise<Job | null>;
}

export function createJobRepository(prisma: PrismaClient): JobRepository {
  return { ...reads(prisma), ...leases(prisma), ...changes(prisma) };
}

type Reads =
  | 'byIds'
  | 'latestOfDatasets'
  | 'page'
  | 'rejects'
  | 'countRejects'
  | 'countStates'
  | 'unfinished'
  | 'runnable';

const reads = (prisma: PrismaClient): Pick<JobRepository, Reads> => ({
  byIds: (ids) => prisma.job.findMany({ where: { id: { in: [...ids] } } }),
  latestOfDatasets: (ids) =>
    prisma.job.findMany({
      where: { datasetId: { in: [...ids] } },
      distinct: ['datasetId'],
      orderBy: [{ datasetId: 'asc' }, { id: 'desc' }],
    }),
  // Ids are version 7 UUIDs: their order is the order of creation.
  page: ({ states, kinds, datasetId }, { after, before, limit, inverted }) =>
    prisma.job.findMany({
      where: {
        ...(states && { state: { in: [...states] } }),
        ...(kinds && { kind: { in: [...kinds] } }),
        ...(datasetId && { datasetId }),
        id: { ...(after && { lt: after }), ...(before && { gt: before }) },
      },
      orderBy: { id: inverted ? 'asc' : 'desc' },
      take: limit,
    }),
  rejects: (jobId, { after, before, limit, inverted }) =>
    prisma.importItem.findMany({
      where: {
        jobId,
        state: { in: REJECTED_STATES },
        ordinal: { ...(after && { gt: Number(after) }), ...(before && { lt: Number(before) }) },
      },
      orderBy: { ordinal: inverted ? 'desc' : 'asc' },
      take: limit,
    }),
  countRejects: (jobId) => prisma.importItem.count({ where: { jobId, state: { in: REJECTED_STATES } } }),
  async countStates(jobIds) {
    const rows = await prisma.importItem.groupBy({
      by: ['jobId', 'state'],
      where: { jobId: { in: [...jobIds] } },
      _count: true,
    });
    return rows.map(({ jobId, state, _count }) => ({ jobId, state, count: _count }));
  },
  unfinished: (kind, datasetId, options) =>
    prisma.job.findFirst({
      where: {
        kind,
        datasetId,
        state: { in: UNFINISHED },
        options: { equals: options as Prisma.InputJsonObject },
      },
      orderBy: { id: 'asc' },
    }),
  async runnable() {
    const rows = await prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM job WHERE state = 'QUEUED'
        OR (state = 'RUNNING' AND (lease_until IS NULL OR lease_until < now()))
      ORDER BY id`;
    return rows.map(({ id }) => id);
  },
});

type Leases = 'acquire' | 'renew' | 'release' | 'clearLeases' | 'park' | 'settleAbandoned';

// Times are the database's own, so that workers on several machines need not agree on the hour.
const leases = (prisma: PrismaClient): Pick<JobRepository, Leases> => ({
  async acquire(id, owner, leaseMs) {
    const taken = await prisma.$executeRaw`
      UPDATE job SET state = 'RUNNING', lease_owner = ${owner}::uuid,
        lease_until = now() + ${leaseMs}::int * interval '1 millisecond',
        started_at = coalesce(started_at, now())
      WHERE id = ${id}::uuid AND NOT pause_requested AND NOT cancel_requested AND (state = 'QUEUED'
        OR (state = 'RUNNING' AND (lease_until IS NULL OR lease_until < now())))`;
    return taken === 0 ? null : prisma.job.findUnique({ where: { id } });
  },
  async renew(id, owner, leaseMs) {
    const [row] = await prisma.$queryRaw<Requests[]>`
      UPDATE job SET lease_until = now() + ${leaseMs}::int * interval '1 millisecond'
      WHERE id = ${id}::uuid AND lease_owner = ${owner}::uuid AND state = 'RUNNING'
      RETURNING cancel_requested AS "cancelRequested", pause_requested AS "pauseRequested"`;
    return row ?? null;
  },
  async release(id, owner) {
    await prisma.job.updateMany({
      where: { id, leaseOwner: owner, state: 'RUNNING' },
      data: { state: 'QUEUED', leaseOwner: null, leaseUntil: null, ratePerSecond: null, secondsLeft: null },
    });
  },
  async park(id, owner) {
    const { count } = await prisma.job.updateMany({
      where: { id, leaseOwner: owner, state: 'RUNNING', pauseRequested: true },
      data: PARKED,
    });
    return count > 0;
  },
  async settleAbandoned() {
    await prisma.$executeRaw`
      UPDATE job SET state = CASE WHEN cancel_requested THEN 'CANCELLED' ELSE 'PAUSED' END::job_state,
        finished_at = CASE WHEN cancel_requested THEN now() END,
        pause_requested = false, lease_owner = NULL, lease_until = NULL, rate_per_second = NULL, seconds_left = NULL
      WHERE (pause_requested OR cancel_requested) AND (state = 'QUEUED'
        OR (state = 'RUNNING' AND (lease_until IS NULL OR lease_until < now())))`;
  },
  async clearLeases() {
    await prisma.job.updateMany({
      where: { state: 'RUNNING' },
      data: { state: 'QUEUED', leaseOwner: null, leaseUntil: null, ratePerSecond: null, secondsLeft: null },
    });
  },
});

const PARKED = {
  state: 'PAUSED',
  pauseRequested: false,
  leaseOwner: null,
  leaseUntil: null,
  ratePerSecond: null,
  secondsLeft: null,
} as const;

type Changes = 'create' | 'setMessage' | 'setTotal' | 'finish' | 'pause' | 'resume' | 'cancel' | 'requeue';

const changes = (prisma: PrismaClient): Pick<JobRepository, Changes> => ({
  create: (kind, datasetId, options) =>
    prisma.job.create({ data: { kind, datasetId, options: options as Prisma.InputJsonObject } }),
  async setMessage(id, owner, message) {
    await prisma.job.updateMany({ where: { id, leaseOwner: owner }, data: { message } });
  },
  async setTotal(id, owner, total) {
    await prisma.job.updateMany({ where: { id, leaseOwner: owner }, data: { total } });
  },
  async finish(id, owner, state, message) {
    await prisma.job.updateMany({
      where: { id, leaseOwner: owner, state: 'RUNNING' },
      data: { ...ended(state), message },
    });
  },
  pause: (id) =>
    prisma.$transaction(async (tx) => {
      const unless = { id, cancelRequested: false };
      await tx.job.updateMany({ where: { ...unless, state: 'QUEUED' }, data: PARKED });
      await tx.job.updateMany({ where: { ...unless, state: 'RUNNING' }, data: { pauseRequested: true } });
      return tx.job.findFirst({ where: { id, state: { in: UNFINISHED } } });
    }),
  resume: (id) =>
    prisma.$transaction(async (tx) => {
      await tx.job.updateMany({ where: { id, state: 'PAUSED' }, data: { state: 'QUEUED' } });
      await tx.job.updateMany({ where: { id, state: { in: UNFINISHED } }, data: { pauseRequested: false } });
      return tx.job.findFirst({ where: { id, state: { in: UNFINISHED } } });
    }),
  cancel: (id) =>
    prisma.$transaction(async (tx) => {
      const waiting = await tx.job.updateMany({
        where: { id, state: { in: ['QUEUED', 'PAUSED'] } },
        data: ended('CANCELLED'),
      });
      const running = await tx.job.updateMany({
        where: { id, state: 'RUNNING' },
        data: { cancelRequested: true, pauseRequested: false },
      });
      return waiting.count + running.count === 0 ? null : tx.job.findUnique({ where: { id } });
    }),
  requeue: (id) =>
    prisma.$transaction(async (tx) => {
      const finished = { id, state: { notIn: UNFINISHED } };
      const { count } = await tx.job.updateMany({
        where: finished,
        data: {
          state: 'QUEUED',
          cancelRequested: false,
          pauseRequested: false,
          finishedAt: null,
          message: null,
        },
      });
      if (count === 0) return null;
      const again = await tx.importItem.groupBy({
        by: ['state'],
        where: { jobId: id, state: { in: ['REJECTED', 'FAILED'] } },
        _count: true,
      });
      const counted = (state: ItemState) => again.find((row) => row.state === state)?._count ?? 0;
      await tx.importItem.updateMany({
        where: { jobId: id, state: { in: ['REJECTED', 'FAILED'] } },
        data: { state: 'QUEUED', code: null, reason: null },
      });
      return tx.job.update({
        where: { id },
        data: {
          rejected: { decrement: counted('REJECTED') },
          failed: { decrement: counted('FAILED') },
          done: { decrement: counted('REJECTED') + counted('FAILED') },
        },
      });
    }),
});

const ended = (state: FinalState) => ({
  state,
  finishedAt: new Date(),
  pauseRequested: false,
  leaseOwner: null,
  leaseUntil: null,
  ratePerSecond: null,
  secondsLeft: null,
});
