import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '@freestyle/core';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createGate, type Gate } from '../../testing/gate.js';
import { createStepJob, type StepJobOptions } from '../../testing/step-job.js';
import { type OpenTestDatabase, openTestDatabase } from '../../testing/test-database.js';
import { ConflictError } from '../errors.js';
import { JobFailure } from './job-errors.js';
import { createJobKinds } from './job-kind.js';
import { createJobQueue, type JobQueue } from './job-queue.js';
import { createJobRepository, type Job, type JobRepository, type NewJob } from './job-repository.js';
import { createJobWorker, type JobWorker, type JobWorkerOptions } from './worker.js';

const WITHIN = { timeout: 60_000, interval: 20 } as const;
const PAGE = { after: null, before: null, limit: 100, inverted: false };

let database: OpenTestDatabase;
let jobs: JobRepository;
let queue: JobQueue;
const workers: JobWorker[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  jobs = createJobRepository(database.prisma);
  queue = createJobQueue(database.prisma);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  await database.prisma.job.deleteMany();
});
afterAll(() => database?.dispose());

type Steps = Partial<StepJobOptions>;

/** A worker for jobs that take steps. */
async function startWorker(gate: Gate, steps: readonly Steps[] = [{}], more: Partial<JobWorkerOptions> = {}) {
  const worker = createJobWorker({
    queue,
    kinds: createJobKinds(steps.map((one) => createStepJob({ gate, ...one }))),
    parts: null,
    alone: false,
    log: pino({ level: 'silent' }),
    leaseMs: 1000,
    backoffMs: 20,
    ...more,
  });
  workers.push(worker);
  await worker.start();
  return worker;
}

const create = (more: Partial<NewJob> = {}) =>
  jobs.create({
    ...{ kind: 'STEPS', lane: 'io', datasetId: null, payload: { steps: 3 }, payloadVersion: 1 },
    ...{ exclusive: null, startedBy: null },
    ...more,
  });

const now = async (id: string): Promise<Job> => {
  const [job] = await jobs.byIds([id]);
  if (!job) throw new Error('no job');
  return job;
};
const ends = (id: string, state: Job['state']) =>
  expect.poll(async () => (await now(id)).state, WITHIN).toBe(state);
const logOf = async (id: string) => (await jobs.log(id, PAGE)).map(({ text }) => text);

it('a job tells how far it is while it runs, and afterwards what it did and what came of it', async () => {
  const gate = createGate();
  const { id } = await create();
  await startWorker(gate);
  await gate.arrived();
  gate.letThrough(2);
  await expect.poll(async () => (await now(id)).done, WITHIN).toBe(2);
  expect(await now(id)).toMatchObject({ state: 'RUNNING', total: 3, attempts: 1, finishedAt: null });
  gate.open();
  await ends(id, 'SUCCEEDED');
  expect(await now(id)).toMatchObject({ done: 3, message: '3 steps were taken.', result: { steps: 3 } });
  expect(await logOf(id)).toEqual(['begins at step 0', 'step 0', 'step 1', 'step 2']);
});

it('a running job that is cancelled stops and keeps what it did', async () => {
  const gate = createGate();
  const { id } = await create();
  await startWorker(gate);
  gate.letThrough(1);
  await expect.poll(async () => (await now(id)).done, WITHIN).toBe(1);
  await jobs.cancel(id);
  await ends(id, 'CANCELLED');
  expect(await now(id)).toMatchObject({ done: 1, total: 3, result: null });
});

it('a job that was cancelled when all of its work was done has succeeded', async () => {
  const gate = createGate();
  gate.open();
  const last = createGate();
  const { id } = await create();
  await startWorker(gate, [{ work: (step) => (step === 2 ? last.pass() : undefined) }]);
  await last.arrived();
  await jobs.cancel(id);
  // Longer than it takes the worker to notice.
  await sleep(600);
  last.open();
  await ends(id, 'SUCCEEDED');
  expect(await now(id)).toMatchObject({ done: 3, result: { steps: 3 } });
});

it('a paused job lets the next one begin, and goes on where it was when it is resumed', async () => {
  const gate = createGate();
  const first = await create();
  const worker = await startWorker(gate, [{}], { limits: { io: 1, compute: 0 } });
  gate.letThrough(1);
  await expect.poll(async () => (await now(first.id)).done, WITHIN).toBe(1);
  await jobs.pause(first.id);
  await ends(first.id, 'PAUSED');
  const second = await create({ payload: { steps: 2 } });
  worker.wake();
  gate.letThrough(2);
  await ends(second.id, 'SUCCEEDED');
  await jobs.resume(first.id);
  gate.open();
  await ends(first.id, 'SUCCEEDED');
  expect(await logOf(first.id)).toEqual([
    ...['begins at step 0', 'step 0'],
    ...['begins at step 1', 'step 1', 'step 2'],
  ]);
});

it('a job of one lane runs while another lane is busy, and no lane goes over its limit', async () => {
  const gate = createGate();
  const kinds: Steps[] = [
    { name: 'FILES', lane: 'io' },
    { name: 'TRAINING', lane: 'compute' },
  ];
  const io = [
    await create({ kind: 'FILES' }),
    await create({ kind: 'FILES' }),
    await create({ kind: 'FILES' }),
  ];
  const compute = [
    await create({ kind: 'TRAINING', lane: 'compute' }),
    await create({ kind: 'TRAINING', lane: 'compute' }),
  ];
  await startWorker(gate, kinds, { limits: { io: 2, compute: 1 } });
  const running = async () => (await jobs.page({ states: ['RUNNING'] }, PAGE)).map(({ kind }) => kind).sort();
  await expect.poll(running, WITHIN).toEqual(['FILES', 'FILES', 'TRAINING']);
  await sleep(200);
  expect(await running()).toEqual(['FILES', 'FILES', 'TRAINING']);
  gate.open();
  for (const { id } of [...io, ...compute]) await ends(id, 'SUCCEEDED');
});

it('a worker that stops hands its job back, and the next one goes on where it was', async () => {
  const gate = createGate();
  const { id } = await create();
  const worker = await startWorker(gate);
  gate.letThrough(1);
  await expect.poll(async () => (await now(id)).done, WITHIN).toBe(1);
  await worker.stop();
  expect(await now(id)).toMatchObject({ state: 'QUEUED', done: 1, leaseOwner: null, setbacks: 0 });
  gate.open();
  await startWorker(gate);
  await ends(id, 'SUCCEEDED');
  expect((await logOf(id)).filter((text) => text.startsWith('step'))).toEqual(['step 0', 'step 1', 'step 2']);
});

it('an error that nobody expected is tried again with growing pauses, and is told to the log alone', async () => {
  const gate = createGate();
  gate.open();
  let lines = '';
  let tries = 0;
  const { id } = await create();
  const boom = () => {
    tries += 1;
    throw new Error('invalid `prisma.createMany()` in /srv/secret/repository.ts');
  };
  await startWorker(gate, [{ work: boom, retries: 2 }], {
    log: pino({ level: 'error' }, { write: (line) => (lines += line) }),
  });
  await ends(id, 'FAILED');
  const { message, errorCode, setbacks, attempts } = await now(id);
  expect({ tries, errorCode, setbacks, attempts }).toEqual({
    tries: 3,
    errorCode: 'UNEXPECTED',
    setbacks: 2,
    attempts: 3,
  });
  const [, traceId = 'none'] =
    /^The job stopped .* The log has it under ([0-9a-f-]{36})\.$/.exec(message ?? '') ?? [];
  const line = lines.split('\n').find((text) => text.includes(traceId));
  expect(line).toContain('/srv/secret/repository.ts');
  expect((await logOf(id)).join()).not.toContain('secret');
});

it('a job that got further since its last error has all of its tries again', async () => {
  const gate = createGate();
  gate.open();
  const failed = new Set<number>();
  const { id } = await create();
  const once = (step: number) => {
    if (failed.has(step)) return;
    failed.add(step);
    throw new Error(`step ${step} fails the first time`);
  };
  await startWorker(gate, [{ work: once, retries: 1 }]);
  await ends(id, 'SUCCEEDED');
  expect(await now(id)).toMatchObject({ done: 3, attempts: 4 });
});

it('a job that waits for its next try can be cancelled and paused as any that waits', async () => {
  const gate = createGate();
  gate.open();
  const boom = () => {
    throw new Error('boom');
  };
  const { id } = await create();
  await startWorker(gate, [{ work: boom }], { backoffMs: 3_600_000 });
  await expect.poll(async () => (await now(id)).runAfter, WITHIN).toBeInstanceOf(Date);
  expect(await jobs.pause(id)).toMatchObject({ state: 'PAUSED', runAfter: null });
  expect(await jobs.cancel(id)).toMatchObject({ state: 'CANCELLED' });
});

it.each([
  [new JobFailure('There is no file to import.', { code: 'SOURCE_MISSING' }), 'SOURCE_MISSING'],
  [new ConflictError('Something else is at work.'), 'CONFLICT'],
  [new CoreError('BAD_LAYOUT', 'expected a folder, got a file'), 'BAD_LAYOUT'],
])('an error of ours keeps its words and is not tried again: %s', async (error, code) => {
  const gate = createGate();
  gate.open();
  const { id } = await create();
  await startWorker(gate, [
    {
      work: () => {
        throw error;
      },
    },
  ]);
  await ends(id, 'FAILED');
  expect(await now(id)).toMatchObject({ message: error.message, errorCode: code, attempts: 1 });
});

it.each([
  ['of a kind that this release does not have', { kind: 'WEAVE' }, 'UNKNOWN_JOB_KIND'],
  ['whose payload this release cannot read', { payload: { steps: 'many' } }, 'UNREADABLE_PAYLOAD'],
  ['whose payload is of another version', { payloadVersion: 9 }, 'UNREADABLE_PAYLOAD'],
])('a job %s fails by name, and the next one runs', async (_name, wrong, code) => {
  const gate = createGate();
  gate.open();
  const { id } = await create(wrong);
  const good = await create();
  await startWorker(gate);
  await ends(id, 'FAILED');
  expect(await now(id)).toMatchObject({ errorCode: code, attempts: 1 });
  await ends(good.id, 'SUCCEEDED');
});

it('a worker that has stopped asks nothing more of the database, which may be closed then', async () => {
  const gate = createGate();
  gate.open();
  let stopped = false;
  let late = 0;
  const watched = Object.fromEntries(
    Object.entries(queue).map(([name, call]) => [
      name,
      async (...args: unknown[]) => {
        await sleep(100);
        if (stopped) late += 1;
        return (call as (...all: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as JobQueue;
  const { id } = await create();
  const worker = await startWorker(gate, [{}], { queue: watched });
  await ends(id, 'SUCCEEDED');
  await worker.stop();
  stopped = true;
  await sleep(1000);
  expect(late).toBe(0);
});

it('a database that is away when a job ends costs neither the process, nor the work, nor the jobs after it', async () => {
  const gate = createGate();
  gate.open();
  let refusals = 0;
  const away: JobQueue = {
    ...queue,
    finish: (...args) => {
      if (refusals++ < 3)
        return Promise.reject(new Error('terminating connection due to administrator command'));
      return queue.finish(...args);
    },
  };
  const first = await create();
  const worker = await startWorker(gate, [{}], { queue: away });
  await ends(first.id, 'SUCCEEDED');
  expect(refusals).toBe(4);
  expect(await now(first.id)).toMatchObject({ attempts: 1, result: { steps: 3 } });
  const second = await create();
  worker.wake();
  await ends(second.id, 'SUCCEEDED');
});

it('a database that stays away for longer than a lease leaves the job to be taken up again', async () => {
  const gate = createGate();
  gate.open();
  let away = true;
  const gone: JobQueue = {
    ...queue,
    finish: (...args) => (away ? Promise.reject(new Error('the database is away')) : queue.finish(...args)),
  };
  let lines = '';
  const { id } = await create();
  await startWorker(gate, [{}], {
    queue: gone,
    leaseMs: 400,
    log: pino({ level: 'error' }, { write: (line) => (lines += line) }),
  });
  await expect.poll(() => lines, WITHIN).toContain('could not be taken up or put down');
  away = false;
  await ends(id, 'SUCCEEDED');
  expect((await now(id)).attempts).toBeGreaterThan(1);
});
