import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '@freestyle/core';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJobRepository, type JobRepository } from '../modules/job/repository.js';
import { createJobService } from '../modules/job/service.js';
import { ConflictError } from '../platform/errors.js';
import { type OpenTestDatabase, openTestDatabase } from '../testing/test-database.js';
import { JobFailure } from './job-run.js';
import { createJobWorker, type JobWorker } from './job-worker.js';

let database: OpenTestDatabase;
let jobs: JobRepository;
let worker: JobWorker;
let failure: Error;
let logged = '';

beforeAll(async () => {
  database = await openTestDatabase();
  jobs = createJobRepository(database.prisma);
  worker = createJobWorker({
    pool: database.pool,
    jobs,
    alone: true,
    log: pino({ level: 'info' }, { write: (line) => (logged += line) }),
    handlers: {
      CHECK: () => Promise.reject(failure),
    },
  });
  await worker.start();
});
afterAll(async () => {
  await worker?.stop();
  await database?.dispose();
});

async function messageAfter(error: Error): Promise<string> {
  failure = error;
  const { id } = await jobs.create('CHECK', null, {});
  await worker.wake(id);
  await expect.poll(async () => (await jobs.byIds([id]))[0]?.state, { timeout: 30_000 }).toBe('FAILED');
  return (await jobs.byIds([id]))[0]?.message ?? '';
}

it('an error that nobody expected is told to the log alone, and people are told where it stands there', async () => {
  const message = await messageAfter(new Error('invalid `prisma.createMany()` in /srv/secret/repository.ts'));
  const [, traceId = 'none'] =
    /^The job stopped .* The log has it under ([0-9a-f-]{36})\.$/.exec(message) ?? [];
  const line = logged.split('\n').find((text) => text.includes(traceId));
  expect(line).toContain('/srv/secret/repository.ts');
});

it.each([
  new JobFailure('There is no file to import.'),
  new ConflictError('Something else is at work.'),
  new CoreError('BAD_LAYOUT', 'expected a folder, got a file'),
])('an error of ours keeps its words: %s', async (error) => {
  expect(await messageAfter(error)).toBe(error.message);
});

it('a worker that has stopped asks nothing more of the database, which may be closed then', async () => {
  let stopped = false;
  let late = 0;
  const slow = {
    query: async (text: string, values: unknown[]) => {
      // The note that a message is done.
      if (text.includes("'completed'")) await sleep(500);
      if (stopped) late += 1;
      return database.pool.query(text, values);
    },
  } as unknown as Pool;
  const other = createJobWorker({
    pool: slow,
    jobs,
    alone: true,
    log: pino({ level: 'silent' }),
    handlers: { CHECK: () => Promise.resolve(null) },
  });
  await worker.stop();
  await other.start();
  const { id } = await jobs.create('CHECK', null, {});
  await other.wake(id);
  await expect.poll(async () => (await jobs.byIds([id]))[0]?.state, { timeout: 30_000 }).toBe('SUCCEEDED');
  await other.stop();
  stopped = true;
  await sleep(1000);
  expect(late).toBe(0);
});

it('a database that is away when a job ends costs neither the process nor the jobs after it', async () => {
  let away = false;
  const moody = {
    query: (text: string, values: unknown[]) =>
      away
        ? Promise.reject(new Error('terminating connection due to administrator command'))
        : database.pool.query(text, values),
  } as unknown as Pool;
  let lines = '';
  const other = createJobWorker({
    pool: moody,
    jobs,
    alone: true,
    log: pino({ level: 'error' }, { write: (line) => (lines += line) }),
    handlers: {
      CHECK: async () => {
        away = true;
        return null;
      },
    },
  });
  await other.start();
  const [first, second] = [await jobs.create('CHECK', null, {}), await jobs.create('CHECK', null, {})];
  await other.wake(first.id);
  await expect.poll(() => lines, { timeout: 30_000 }).toContain('could not be taken up or put down');
  expect((await jobs.byIds([first.id]))[0]?.state).toBe('SUCCEEDED');
  away = false;
  await other.wake(second.id);
  await expect
    .poll(async () => (await jobs.byIds([second.id]))[0]?.state, { timeout: 30_000 })
    .toBe('SUCCEEDED');
  await other.stop();
});

it('who watches a job is not sent away for a database that is away for a moment', async () => {
  let away = false;
  const moody: JobRepository = {
    ...jobs,
    byIds: (ids) => (away ? Promise.reject(new Error("Can't reach database server")) : jobs.byIds(ids)),
  };
  const { id } = await jobs.create('CHECK', null, {});
  const states = createJobService(moody, async () => {}).watch(id);
  expect((await states.next()).value).toMatchObject({ id, state: 'QUEUED' });
  away = true;
  const next = states.next();
  await sleep(700);
  away = false;
  await jobs.acquire(id, randomUUID(), 1000);
  expect((await next).value).toMatchObject({ id, state: 'RUNNING' });
  await states.return(undefined);
});
