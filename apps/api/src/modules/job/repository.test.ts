import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenTestDatabase, openTestDatabase } from '../../testing/test-database.js';
import { createJobRepository, type JobRepository } from './repository.js';

const HOUR = 3_600_000;
const owner = randomUUID();
let database: OpenTestDatabase;
let jobs: JobRepository;

beforeAll(async () => {
  database = await openTestDatabase();
  jobs = createJobRepository(database.prisma);
});
afterAll(() => database?.dispose());

/** A job that a worker holds, with a lease of so many milliseconds. */
async function runningJob(leaseMs: number): Promise<string> {
  const { id } = await jobs.create('IMPORT', null, {});
  expect(await jobs.acquire(id, owner, leaseMs)).not.toBeNull();
  return id;
}
const now = async (id: string) => (await jobs.byIds([id]))[0];

it('pausing a job that is being cancelled changes nothing', async () => {
  const id = await runningJob(HOUR);
  await jobs.cancel(id);
  expect(await jobs.pause(id)).toMatchObject({ state: 'RUNNING', pauseRequested: false });
  expect(await jobs.renew(id, owner, HOUR)).toEqual({ cancelRequested: true, pauseRequested: false });
});

it.each([
  ['stopped', HOUR, (id: string) => jobs.release(id, owner)],
  ['died', 0, async () => {}],
])(
  'a job that was cancelled just before its worker %s is cancelled and not begun again',
  async (_name, leaseMs, leave) => {
    const id = await runningJob(leaseMs);
    await jobs.cancel(id);
    // As rows may be that an earlier release left behind.
    await database.prisma.job.update({ where: { id }, data: { pauseRequested: true } });
    await leave(id);
    expect(await jobs.acquire(id, randomUUID(), HOUR)).toBeNull();
    await jobs.settleAbandoned();
    expect(await now(id)).toMatchObject({ state: 'CANCELLED', leaseOwner: null, pauseRequested: false });
    expect((await now(id))?.finishedAt).toBeInstanceOf(Date);
  },
);

it('a job that was to be paused when its worker stopped is set aside, unfinished', async () => {
  const id = await runningJob(HOUR);
  await jobs.pause(id);
  await jobs.release(id, owner);
  await jobs.settleAbandoned();
  expect(await now(id)).toMatchObject({ state: 'PAUSED', pauseRequested: false, finishedAt: null });
});

it('what a worker is at, and what waits untold, is left alone', async () => {
  const held = await runningJob(HOUR);
  await jobs.cancel(held);
  const { id: waiting } = await jobs.create('IMPORT', null, {});
  await jobs.settleAbandoned();
  expect(await now(held)).toMatchObject({ state: 'RUNNING', leaseOwner: owner });
  expect(await now(waiting)).toMatchObject({ state: 'QUEUED' });
});
