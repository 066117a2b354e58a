import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJobKinds } from '../../platform/jobs/job-kind.js';
import { createJobQueue } from '../../platform/jobs/job-queue.js';
import { createJobRepository, type JobRepository } from '../../platform/jobs/job-repository.js';
import { createGate } from '../../testing/gate.js';
import { createStepJob } from '../../testing/step-job.js';
import { type OpenTestDatabase, openTestDatabase } from '../../testing/test-database.js';
import { createJobService, type JobService } from './service.js';

const stepJob = createStepJob({ gate: createGate() });
const kinds = createJobKinds([stepJob]);
let database: OpenTestDatabase;
let repository: JobRepository;
let jobs: JobService;

beforeAll(async () => {
  database = await openTestDatabase();
  repository = createJobRepository(database.prisma);
  jobs = createJobService({ jobs: repository, kinds, wake: () => {} });
});
afterAll(() => database?.dispose());

it('who watches a job is not sent away for a database that is away for a moment', async () => {
  let away = false;
  const moody: JobRepository = {
    ...repository,
    byIds: (ids) => (away ? Promise.reject(new Error("Can't reach database server")) : repository.byIds(ids)),
  };
  const { id } = await jobs.enqueue(stepJob, { payload: { steps: 7 } });
  const states = createJobService({ jobs: moody, kinds, wake: () => {} }).watch(id);
  expect((await states.next()).value).toMatchObject({ id, state: 'QUEUED' });
  away = true;
  const next = states.next();
  await sleep(700);
  away = false;
  await createJobQueue(database.prisma).claim('io', randomUUID(), 1000);
  expect((await next).value).toMatchObject({ id, state: 'RUNNING' });
  await states.return(undefined);
});

it('the same wish is one job while it is unfinished, whoever asks for it', async () => {
  const first = await jobs.enqueue(stepJob, { payload: { steps: 2 }, startedBy: 'ada' });
  expect(first).toMatchObject({ kind: 'STEPS', lane: 'io', startedBy: 'ada', state: 'QUEUED' });
  expect((await jobs.enqueue(stepJob, { payload: { steps: 2 } })).id).toBe(first.id);
  expect((await jobs.enqueue(stepJob, { payload: { steps: 3 } })).id).not.toBe(first.id);
  await jobs.cancel(first.id);
  expect((await jobs.enqueue(stepJob, { payload: { steps: 2 } })).id).not.toBe(first.id);
});

it('a job is told in words, also where its kind or its payload is of another release', async () => {
  const job = await jobs.enqueue(stepJob, { payload: { steps: 4 } });
  expect(jobs.words(job)).toEqual({
    title: 'Take 4 steps',
    unit: 'steps',
    resume: 'Goes on after the last step.',
  });
  expect(jobs.words({ ...job, payload: {} })).toMatchObject({ title: 'Takes steps.', unit: 'steps' });
  expect(jobs.words({ ...job, kind: 'WEAVE' })).toMatchObject({ title: 'WEAVE', unit: 'items' });
});
