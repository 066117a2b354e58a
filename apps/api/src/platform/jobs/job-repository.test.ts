import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type OpenTestDatabase, openTestDatabase } from '../../testing/test-database.js';
import { createJobQueue, type JobQueue } from './job-queue.js';
import { createJobRepository, type JobRepository, type NewJob } from './job-repository.js';

const HOUR = 3_600_000;
const owner = randomUUID();
let database: OpenTestDatabase;
let jobs: JobRepository;
let queue: JobQueue;

beforeAll(async () => {
  database = await openTestDatabase();
  jobs = createJobRepository(database.prisma);
  queue = createJobQueue(database.prisma);
});
beforeEach(async () => {
  await database.prisma.job.deleteMany();
});
afterAll(() => database?.dispose());

const create = (more: Partial<NewJob> = {}) =>
  jobs.create({
    kind: 'TEST',
    lane: 'io',
    datasetId: null,
    payload: {},
    payloadVersion: 1,
    exclusive: null,
    startedBy: null,
    ...more,
  });

/** A job that a worker holds, with a lease of so many milliseconds. */
async function runningJob(leaseMs: number): Promise<string> {
  const { id } = await create();
  expect(await queue.claim('io', owner, leaseMs)).toMatchObject({ id });
  return id;
}
const now = async (id: string) => (await jobs.byIds([id]))[0];

it('pausing a job that is being cancelled changes nothing', async () => {
  const id = await runningJob(HOUR);
  await jobs.cancel(id);
  expect(await jobs.pause(id)).toMatchObject({ state: 'RUNNING', pauseRequested: false });
  expect(await queue.renew(id, owner, HOUR)).toEqual({ cancelRequested: true, pauseRequested: false });
});

it.each([
  ['stopped', HOUR, (id: string) => queue.release(id, owner)],
  ['died', 0, async () => {}],
])(
  'a job that was cancelled just before its worker %s is cancelled and not begun again',
  async (_name, leaseMs, leave) => {
    const id = await runningJob(leaseMs);
    await jobs.cancel(id);
    // As rows may be that an earlier release left behind.
    await database.prisma.job.update({ where: { id }, data: { pauseRequested: true } });
    await leave(id);
    expect(await queue.claim('io', randomUUID(), HOUR)).toBeNull();
    await queue.settleAbandoned();
    expect(await now(id)).toMatchObject({ state: 'CANCELLED', leaseOwner: null, pauseRequested: false });
    expect((await now(id))?.finishedAt).toBeInstanceOf(Date);
  },
);

it('a job that was to be paused when its worker stopped is set aside, unfinished', async () => {
  const id = await runningJob(HOUR);
  await jobs.pause(id);
  await queue.release(id, owner);
  await queue.settleAbandoned();
  expect(await now(id)).toMatchObject({ state: 'PAUSED', pauseRequested: false, finishedAt: null });
});

it('what a worker is at, and what waits untold, is left alone', async () => {
  const held = await runningJob(HOUR);
  await jobs.cancel(held);
  const { id: waiting } = await create();
  await queue.settleAbandoned();
  expect(await now(held)).toMatchObject({ state: 'RUNNING', leaseOwner: owner });
  expect(await now(waiting)).toMatchObject({ state: 'QUEUED' });
});

it('no two workers ever hold the same job, and jobs that exclude each other never run at once', async () => {
  for (let n = 0; n < 6; n++) await create({ exclusive: n < 3 ? 'one dataset' : null, payload: { n } });
  const claims = await Promise.all(Array.from({ length: 10 }, () => queue.claim('io', randomUUID(), HOUR)));
  const taken = claims.filter((job) => job !== null);
  expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
  expect(taken.map(({ payload }) => (payload as { n: number }).n).sort()).toEqual([0, 3, 4, 5]);

  const first = taken.find(({ exclusive }) => exclusive !== null);
  await queue.finish(first?.id ?? '', first?.leaseOwner ?? '', { state: 'SUCCEEDED', message: null });
  expect(await queue.claim('io', randomUUID(), HOUR)).toMatchObject({ payload: { n: 1 } });
});

it('a lane is claimed for itself alone', async () => {
  const { id } = await create({ lane: 'compute' });
  expect(await queue.claim('io', owner, HOUR)).toBeNull();
  expect(await queue.claim('compute', owner, HOUR)).toMatchObject({ id, attempts: 1 });
});

it('a worker that lost its lease can say nothing more about the job', async () => {
  const id = await runningJob(0);
  await queue.settleAbandoned();
  const other = randomUUID();
  await queue.claim('io', other, HOUR);
  await queue.say(id, owner, 'late');
  await queue.progress(id, owner, { done: 9, total: 9, ratePerSecond: null });
  await queue.postpone(id, owner, 0, 'late');
  await queue.finish(id, owner, { state: 'SUCCEEDED', message: 'late' });
  expect(await queue.renew(id, owner, HOUR)).toBeNull();
  expect(await now(id)).toMatchObject({ state: 'RUNNING', leaseOwner: other, message: null, done: 0 });
});

it('a job that kills its worker again and again has failed; one that gets further in between goes on', async () => {
  const die = async (done: number) => {
    const job = await queue.claim('io', owner, 0);
    await queue.progress(job?.id ?? '', owner, { done, total: 100, ratePerSecond: null });
    await queue.settleAbandoned();
    return job?.id ?? '';
  };
  await create();
  for (let n = 1; n <= 8; n++) await die(n);
  expect((await jobs.page({}, PAGE))[0]).toMatchObject({ state: 'QUEUED', attempts: 8, setbacks: 1 });
  for (let n = 1; n < 4; n++) await die(8);
  const id = await die(8);
  expect(await now(id)).toMatchObject({ state: 'FAILED', errorCode: 'WORKER_DIED', attempts: 12 });
  expect(await queue.claim('io', owner, HOUR)).toBeNull();
});

const PAGE = { after: null, before: null, limit: 10, inverted: false };

it('a postponed job is not begun before its time, unless a person says so', async () => {
  const id = await runningJob(HOUR);
  await queue.postpone(id, owner, HOUR, 'Tried again later.');
  expect(await queue.claim('io', owner, HOUR)).toBeNull();
  expect(await now(id)).toMatchObject({ state: 'QUEUED', setbacks: 1, message: 'Tried again later.' });
  await jobs.resume(id);
  expect(await queue.claim('io', owner, HOUR)).toMatchObject({ id, attempts: 2, runAfter: null });
});

it('a schedule makes one job at a time, and the next only when its time has come', async () => {
  const hourly = {
    kind: 'HOURLY',
    lane: 'io',
    payloadVersion: 1,
    exclusive: null,
    everyMs: HOUR,
  } as const;
  await Promise.all([queue.schedule(hourly), queue.schedule(hourly), queue.schedule(hourly)]);
  const job = await queue.claim('io', owner, HOUR);
  await queue.finish(job?.id ?? '', owner, { state: 'SUCCEEDED', message: null });
  await queue.schedule(hourly);
  expect(await jobs.page({ kinds: ['HOURLY'] }, PAGE)).toHaveLength(1);
  await database.prisma.job.updateMany({ data: { createdAt: new Date(Date.now() - HOUR - 1000) } });
  await queue.schedule(hourly);
  expect(await jobs.page({ kinds: ['HOURLY'] }, PAGE)).toHaveLength(2);
});

it('the log keeps its order and is read page by page', async () => {
  const { id } = await create();
  const lines = Array.from({ length: 25 }, (_, n) => ({
    ...{ at: new Date(), level: 'info', text: `line ${n}` },
  })) as { at: Date; level: 'info'; text: string }[];
  await queue.log(id, lines);
  const first = await jobs.log(id, { ...PAGE, limit: 20 });
  const rest = await jobs.log(id, { ...PAGE, after: String(first.at(-1)?.id) });
  expect([...first, ...rest].map(({ text }) => text)).toEqual(lines.map(({ text }) => text));
  expect(await jobs.countLog(id)).toBe(25);
});
