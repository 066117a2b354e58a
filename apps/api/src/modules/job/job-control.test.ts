import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createGate } from '../../testing/gate.js';
import { writePatches } from '../../testing/pictures.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { restartTestServer, startTestServer, type TestServer } from '../../testing/test-server.js';
import { rowIdOf, untilNoticed } from '../../testing/until-noticed.js';

const PHOTOS = 240;
// Each batch of photos waits here until the test lets it on.
const gate = createGate();
const options = () => ({ model: createTestEncoder({ gate }), leaseMs: 2000, lanes: { io: 1 } });

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer(options());
  // No picture twice: what is known from another dataset is not encoded again, and then nothing is held.
  for (const [i, name] of ['paused', 'changed', 'cancelled', 'finished'].entries()) {
    await writePatches(join(server.folder, name), name === 'finished' ? 3 : PHOTOS, i * PHOTOS);
  }
});
beforeEach(() => gate.close());
afterAll(() => {
  gate.open();
  return server?.dispose();
});

interface JobNow {
  id: string;
  state: string;
  stopping: boolean;
  done: number;
  total: number | null;
  finishedAt: string | null;
}
const FIELDS = 'id state stopping done total finishedAt';

async function start(name: string): Promise<string> {
  const { data } = await server.query<{ importFolder: { job: { id: string } } }>(
    `mutation ($input: ImportFolderInput!) { importFolder(input: $input) {
       ... on ImportFolderSuccess { job { id } } ... on Error { message } } }`,
    { input: { path: join(server.folder, name) } },
  );
  return data?.importFolder.job.id ?? '';
}

async function now(id: string): Promise<JobNow> {
  const { data } = await server.query<{ job: JobNow }>(`query ($id: ID!) { job(id: $id) { ${FIELDS} } }`, {
    id,
  });
  if (!data) throw new Error('no job');
  return data.job;
}

async function tell(what: 'pauseJob' | 'resumeJob' | 'cancelJob', id: string) {
  const { data } = await server.query<Record<string, { __typename: string; code?: string; job?: JobNow }>>(
    `mutation ($id: ID!) { ${what}(id: $id) { __typename ... on Error { code }
       ... on ${what[0]?.toUpperCase()}${what.slice(1)}Success { job { ${FIELDS} } } } }`,
    { id },
  );
  return data?.[what];
}

const WITHIN = { timeout: 60_000, interval: 50 } as const;
/** Lets one batch through and waits until it is counted and the next one stands at the gate. */
async function begun(id: string): Promise<void> {
  const { done } = await now(id);
  gate.letThrough(1);
  await expect.poll(async () => (await now(id)).done, WITHIN).toBeGreaterThan(done);
  await gate.arrived();
}
const stateOf = async (id: string) => (await now(id)).state;
const succeeds = (id: string) => {
  gate.open();
  return expect.poll(() => stateOf(id), WITHIN).toBe('SUCCEEDED');
};
/** The batch at the gate goes on only when the worker knows that it is the last one. */
async function stopsAs(id: string, state: string): Promise<void> {
  await untilNoticed(server, rowIdOf(id));
  gate.open();
  await expect.poll(() => stateOf(id), WITHIN).toBe(state);
  gate.close();
}

it('a paused job stops after its batch, stays so over a restart, and goes on to its end when resumed', async () => {
  const id = await start('paused');
  await begun(id);
  expect((await tell('pauseJob', id))?.job).toMatchObject({ state: 'RUNNING', stopping: true });
  await stopsAs(id, 'PAUSED');
  const paused = await now(id);
  expect(paused).toMatchObject({ stopping: false, finishedAt: null, total: PHOTOS });
  expect(paused.done).toBeGreaterThan(0);
  expect(paused.done).toBeLessThan(PHOTOS);

  server = await restartTestServer(server, options());
  // Longer than it takes a worker to look for jobs.
  await new Promise((done) => setTimeout(done, 2500));
  expect(await now(id)).toMatchObject({ state: 'PAUSED', done: paused.done });

  expect((await tell('resumeJob', id))?.job).toMatchObject({ state: 'QUEUED' });
  await succeeds(id);
  expect(await now(id)).toMatchObject({ done: PHOTOS, total: PHOTOS });
});

it('a job that was told to pause just before its server ended is paused afterwards, and a change of mind counts', async () => {
  const id = await start('changed');
  await begun(id);
  await tell('pauseJob', id);
  const closing = server.close();
  gate.open();
  await closing;
  gate.close();
  server = await restartTestServer(server, options());
  await expect.poll(() => stateOf(id), WITHIN).toBe('PAUSED');
  expect((await now(id)).done).toBeLessThan(PHOTOS);
  await tell('resumeJob', id);
  await begun(id);
  await tell('pauseJob', id);
  await tell('resumeJob', id);
  await succeeds(id);
  expect(await now(id)).toMatchObject({ done: PHOTOS, total: PHOTOS });
});

it('a paused job can be cancelled, and a waiting one paused before it has begun', async () => {
  const first = await start('cancelled');
  const second = await start('finished');
  expect((await tell('pauseJob', second))?.job).toMatchObject({ state: 'PAUSED' });
  await begun(first);
  await tell('pauseJob', first);
  await stopsAs(first, 'PAUSED');
  expect((await tell('cancelJob', first))?.job).toMatchObject({ state: 'CANCELLED' });
  expect(await stateOf(second)).toBe('PAUSED');
  await tell('resumeJob', second);
  await succeeds(second);
  expect(await tell('pauseJob', second)).toMatchObject({ code: 'CONFLICT' });
  expect(await tell('resumeJob', first)).toMatchObject({ code: 'CONFLICT' });
});

it('the jobs of one dataset are listed alone', async () => {
  const { data } = await server.query<{ datasets: { edges: { node: { id: string; name: string } }[] } }>(
    '{ datasets { edges { node { id name } } } }',
  );
  const id = data?.datasets.edges.find(({ node }) => node.name === 'finished')?.node.id;
  const jobs = await server.query(
    'query ($id: ID!) { jobs(datasetId: $id, kinds: [IMPORT]) { edges { node { total dataset { name } } } } }',
    { id },
  );
  expect(jobs.data).toEqual({ jobs: { edges: [{ node: { total: 3, dataset: { name: 'finished' } } }] } });
});
