import type { Job, JobLogLine, Prisma, PrismaClient } from '../../generated/prisma/client.js';
import type { JobState } from '../../generated/prisma/enums.js';
import { inDatasets } from '../database/in-datasets.js';
import type { KeysetPage } from '../database/paging.js';

export type { Job, JobLogLine, JobState };

/** States in which a job still has something to do. */
export const UNFINISHED: JobState[] = ['QUEUED', 'RUNNING', 'PAUSED'];

/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface NewJob {
  readonly kind: string;
  readonly lane: string;
  readonly datasetId: string | null;
  /** What was asked for: plain JSON, read back through the schema of its kind. */
  readonly payload: Json;
  readonly payloadVersion: number;
  /** Jobs with the same text never run at once. */
  readonly exclusive: string | null;
  readonly startedBy: string | null;
}

export interface JobFilter {
  readonly states?: readonly JobState[] | null | undefined;
  readonly kinds?: readonly string[] | null | undefined;
  /** One dataset, or some. */
  readonly datasetId?: string | readonly string[] | null | undefined;
}

/** What people and services ask and do; what workers do is in the queue. */
export interface JobRepository {
  byIds(ids: readonly string[]): Promise<Job[]>;
  latestOfDatasets(ids: readonly string[]): Promise<Job[]>;
  /** Newest first. */
  page(filter: JobFilter, page: KeysetPage): Promise<Job[]>;
  /** Lines of a job's log in their order; keys are their ids. */
  log(jobId: string, page: KeysetPage): Promise<JobLogLine[]>;
  countLog(jobId: string): Promise<number>;
  create(job: NewJob): Promise<Job>;
  /** One that was asked for the very same and has something to do yet. */
  unfinished(job: Pick<NewJob, 'kind' | 'datasetId' | 'payload'>): Promise<Job | null>;
  /** A waiting job is paused at once, a running one by its worker; one that is being cancelled is not.
   *  Null if it was finished. */
  pause(id: string): Promise<Job | null>;
  /** Lets a paused job wait for a worker again, and one that waits for its next try begin now. Null if it was
   *  finished. */
  resume(id: string): Promise<Job | null>;
  /** A waiting or paused job is cancelled at once, a running one by its worker. Null if it was finished. */
  cancel(id: string): Promise<Job | null>;
  /** Puts a finished job to work again. `prepare`, in the same transaction, says how many items are open again.
   *  Null if the job is not finished. */
  requeue(id: string, prepare: (tx: Prisma.TransactionClient) => Promise<number>): Promise<Job | null>;
}

export function createJobRepository(prisma: PrismaClient): JobRepository {
  return { ...reads(prisma), ...changes(prisma) };
}

type Reads = 'byIds' | 'latestOfDatasets' | 'page' | 'log' | 'countLog' | 'unfinished';

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
        ...inDatasets(datasetId),
        id: { ...(after && { lt: after }), ...(before && { gt: before }) },
      },
      orderBy: { id: inverted ? 'asc' : 'desc' },
      take: limit,
    }),
  log: (jobId, { after, before, limit, inverted }) =>
    prisma.jobLogLine.findMany({
      where: { jobId, id: { ...(after && { gt: BigInt(after) }), ...(before && { lt: BigInt(before) }) } },
      orderBy: { id: inverted ? 'desc' : 'asc' },
      take: limit,
    }),
  countLog: (jobId) => prisma.jobLogLine.count({ where: { jobId } }),
  unfinished: ({ kind, datasetId, payload }) =>
    prisma.job.findFirst({
      where: {
        kind,
        datasetId,
        state: { in: UNFINISHED },
        payload: { equals: payload as Prisma.InputJsonValue },
      },
      orderBy: { id: 'asc' },
    }),
});

type Changes = 'create' | 'pause' | 'resume' | 'cancel' | 'requeue';

const changes = (prisma: PrismaClient): Pick<JobRepository, Changes> => ({
  create: ({ payload, ...job }) =>
    prisma.job.create({ data: { ...job, payload: payload as Prisma.InputJsonValue } }),
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
      await tx.job.updateMany({
        where: { id, state: { in: UNFINISHED } },
        data: { pauseRequested: false, runAfter: null },
      });
      return tx.job.findFirst({ where: { id, state: { in: UNFINISHED } } });
    }),
  cancel: (id) =>
    prisma.$transaction(async (tx) => {
      const waiting = await tx.job.updateMany({
        where: { id, state: { in: ['QUEUED', 'PAUSED'] } },
        data: { ...IDLE, state: 'CANCELLED', finishedAt: new Date() },
      });
      const running = await tx.job.updateMany({
        where: { id, state: 'RUNNING' },
        data: { cancelRequested: true, pauseRequested: false },
      });
      return waiting.count + running.count === 0 ? null : tx.job.findUnique({ where: { id } });
    }),
  requeue: (id, prepare) =>
    prisma.$transaction(async (tx) => {
      const { count } = await tx.job.updateMany({
        where: { id, state: { notIn: UNFINISHED } },
        data: { ...IDLE, ...UNTOLD, state: 'QUEUED', cancelRequested: false, finishedAt: null, setbacks: 0 },
      });
      if (count === 0) return null;
      const open = await prepare(tx);
      return tx.job.update({ where: { id }, data: { done: { decrement: open } } });
    }),
});

/** Nobody is at work on it. */
export const IDLE = {
  pauseRequested: false,
  leaseOwner: null,
  leaseUntil: null,
  runAfter: null,
  ratePerSecond: null,
  secondsLeft: null,
} as const;

const PARKED = { ...IDLE, state: 'PAUSED' } as const;

/** Nothing is said of an end. */
const UNTOLD = { message: null, errorCode: null } as const;
