import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readBundle } from '@freestyle/core';
import { writeTinyClip } from '@freestyle/core/testing';
import { writeDemoGallery } from '@freestyle/scenes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { asked, type EndedJob, endOf, globalId, mutate } from '../../testing/model-client.js';
import { restartTestServer, startTestServer, type TestServer } from '../../testing/test-server.js';
import { openModel } from '../model/open-model.js';

const CHILD = fileURLToPath(new URL('../../../dist/testing/train-child.js', import.meta.url));
const BUDGET =
  'method: LINEAR, steps: 6, validateEvery: 2, batch: 6, validationPerStyle: 4, unseenPerStyle: 2, seed: 5';

let server: TestServer;
let datasetId = '';
const started = async () => ({
  model: await openModel('freestyle-small', 'cpu'),
  modelName: 'freestyle-small',
});

beforeAll(async () => {
  ensureBuilt();
  server = await startTestServer(await started());
  const scenes = join(server.folder, 'scenes');
  await writeDemoGallery(scenes, { count: 18 });
  const handle = await server.importFolder(scenes, { name: 'scenes' });
  await handle.finished();
  datasetId = globalId('Dataset', handle.datasetId);
}, 300_000);
afterAll(() => server?.dispose());

const start = (budget = BUDGET) =>
  mutate(
    server,
    `startTraining(input: { datasetId: "${datasetId}", ${budget} })`,
    '... on StartTrainingSuccess { training { id } job { id } }',
  ) as Promise<{ __typename: string; message?: string; training?: { id: string }; job?: { id: string } }>;

interface Run {
  name: string;
  trained: number;
  frozen: number;
  step: number;
  steps: number;
  bestScore: number | null;
  startScore: number | null;
  finishedAt: string | null;
  versionNumber: number;
  backbone: { name: string };
  settings: { seed: number };
  model: {
    id: string;
    contentHash: string;
    origin: string;
    training: { name: string };
    facts: { training: { seed: number } };
  } | null;
  series: { name: string; seen: boolean | null; points: { step: number; value: number }[] }[];
}
const runOf = async (id: string | undefined): Promise<Run> =>
  (
    await asked<{ node: Run }>(
      server,
      `query ($id: ID!) { node(id: $id) { ... on TrainingRun { name trained frozen step steps bestScore startScore finishedAt versionNumber settings
        backbone { name } model { id contentHash origin facts training { name } } series { name seen points { step value } } } } }`,
      { id },
    )
  ).node;

let alone: Run;

describe('a training', () => {
  it('is estimated from a few real steps first, and again at once from what was measured', async () => {
    const ask = () =>
      mutate(
        server,
        `estimateTraining(input: { datasetId: "${datasetId}", ${BUDGET} }, minutes: 2)`,
        '... on EstimateTrainingSuccess { job { id } }',
      );
    type Told = {
      seconds: number;
      steps: number;
      parts: { seconds: number }[];
      measuredNow: boolean;
      photos: { train: number };
    };
    const told = async () => (await endOf(server, (await ask()).job?.id)).result as unknown as Told;
    const first = await told();
    expect(first.measuredNow).toBe(true);
    expect(first.seconds).toBeLessThanOrEqual(120);
    expect(first.steps).toBeGreaterThan(10);
    expect(first.parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(first.seconds, 6);
    expect(first.parts.every(({ seconds }) => seconds > 0)).toBe(true);
    expect(first.photos.train).toBeGreaterThan(4);
  }, 300_000);

  it('ends as an encoder of the registry that says what it was made from, with curves of seen and unseen makers', async () => {
    const { job, training } = await start();
    const end = await endOf(server, job?.id);
    expect(end).toMatchObject({ state: 'SUCCEEDED', message: expect.stringContaining('Mean hit@1') });
    alone = await runOf(training?.id);
    expect(alone).toMatchObject({ step: 6, steps: 6, versionNumber: 1, settings: { seed: 5 } });
    expect(alone.trained).toBeGreaterThan(1000);
    expect(alone.frozen).toBeGreaterThan(alone.trained);
    expect(alone.model).toMatchObject({
      origin: 'TRAINED',
      training: { name: alone.name },
      facts: { training: { seed: 5 } },
    });
    const series = new Map(alone.series.map((one) => [one.name, one]));
    expect(series.get('loss')?.points.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(series.get('mean hit@1')?.points.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
    expect(series.get('hit@1 sketch (made)')?.seen).toBe(true);
    expect(series.get('hit@1 sketch (unseen makers)')?.seen).toBe(false);
    const folder = server.services.models;
    const [row] = await server.services.modelRegistry.byIds([end.result?.modelId ?? '']);
    if (row === undefined) throw new Error('it is not in the registry');
    const { query } = await folder.place(row);
    const { manifest, hash } = await readBundle(query ?? '');
    expect(hash).toBe(alone.model?.contentHash);
    expect(manifest.backbone?.name).not.toContain('/');
    const { calibration } = manifest.config as { calibration: Record<string, unknown> };
    expect(Object.keys(calibration).filter((style) => style.includes('unseen'))).toEqual([]);
    expect(manifest.config).toHaveProperty('relevance');
  }, 300_000);

  it('with the same seed makes the very same encoder, also when it is paused in between', async () => {
    const { job, training } = await start();
    for (;;) {
      const { job: now } = await asked<{ job: { done: number; state: string } }>(
        server,
        'query ($id: ID!) { job(id: $id) { done state } }',
        { id: job?.id },
      );
      if (now.done > 0 || now.state !== 'RUNNING') break;
      await new Promise((done) => setTimeout(done, 20));
    }
    const paused = await mutate(
      server,
      `pauseJob(id: "${job?.id}")`,
      '... on PauseJobSuccess { job { id } }',
    );
    if (paused.__typename === 'PauseJobSuccess')
      await mutate(server, `resumeJob(id: "${job?.id}")`, '... on ResumeJobSuccess { job { id } }');
    expect(await endOf(server, job?.id)).toMatchObject({ state: 'SUCCEEDED' });
    const again = await runOf(training?.id);
    const weights = (run: Run) => run.series.find(({ name }) => name === 'loss')?.points;
    expect(weights(again)).toEqual(weights(alone));
    expect(again.bestScore).toBe(alone.bestScore);
  }, 300_000);

  it('is refused by name for what cannot be trained', async () => {
    expect(await start(BUDGET.replace('batch: 6', 'batch: 1'))).toMatchObject({
      __typename: 'ValidationError',
      message: expect.stringContaining('batch'),
    });
    const nowhere = globalId('StyleSpace', '00000000-0000-7000-8000-000000000000');
    expect(await start(`${BUDGET}, styleSpaceId: "${nowhere}"`)).toMatchObject({
      __typename: 'NotFoundError',
      message: expect.stringContaining('style space'),
    });
    const lone = join(server.folder, 'lone');
    await writeDemoGallery(lone, { count: 2 });
    const handle = await server.importFolder(lone, { name: 'lone' });
    await handle.finished();
    const few = await mutate(
      server,
      `startTraining(input: { datasetId: "${globalId('Dataset', handle.datasetId)}", ${BUDGET} })`,
      '... on StartTrainingSuccess { job { id } }',
    );
    expect((await endOf(server, few.job?.id)).error).toMatchObject({
      code: 'TOO_FEW_PHOTOS',
      message: expect.stringMatching(/photos for training .* expected at least 4/),
    });
  }, 120_000);
});

describe('a worker that is killed', () => {
  /** Runs what waits in a process of its own. @param until is asked at every line whether to kill it there and then. */
  async function work(until: (line: string) => boolean): Promise<string[]> {
    const args = [CHILD, join(server.folder, 'data'), server.databaseUrl ?? ''];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((done) => child.once('close', done));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (until(line)) child.kill('SIGKILL');
    }
    await ended;
    return lines;
  }

  it('goes on with a training from its checkpoint, and with a backfill until no photo is without a vector', async () => {
    const clip = join(server.folder, 'clip');
    await writeTinyClip(clip);
    const added = await mutate(
      server,
      `addModelFolder(path: "${clip}")`,
      '... on AddModelFolderSuccess { job { id } }',
    );
    const end: EndedJob = await endOf(server, added.job?.id);
    server = await restartTestServer(server, { ...(await started()), lanes: { io: 0, compute: 0 } });
    const { training } = await start(`${BUDGET.replace('steps: 6', 'steps: 12')}, name: "killed"`);
    const backbone = globalId('RegisteredModel', end.result?.modelId ?? '');
    await mutate(
      server,
      `backfillSpace(modelId: "${backbone}")`,
      '... on BackfillSpaceSuccess { job { id } }',
    );
    await server.close();
    // After a validation, and so a checkpoint; long before the end.
    const first = await work((line) => /^TRAIN_QUERY_ENCODER ([3-9]|1\d) RUNNING/.test(line));
    expect(first).not.toContain('closed');
    const second = await work(() => false);
    expect(second.at(-1)).toBe('closed');
    server = await restartTestServer(server, await started());
    const run = await runOf(training?.id);
    expect(run).toMatchObject({ step: 12, name: 'killed' });
    expect(run.finishedAt).not.toBeNull();
    const loss = run.series.find(({ name }) => name === 'loss')?.points ?? [];
    expect(loss.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    // Trained with the seed of the one before: the first steps are the same ones.
    expect(loss[0]?.value).toBeCloseTo(
      alone.series.find(({ name }) => name === 'loss')?.points[0]?.value ?? 0,
      4,
    );
    const { embeddingSpaces } = await asked<{
      embeddingSpaces: { spaceHash: string; missing: number; backbone: { id: string } | null }[];
    }>(server, '{ embeddingSpaces { spaceHash missing backbone { id } } }');
    expect(embeddingSpaces.find((space) => space.backbone?.id === backbone)?.missing).toBe(0);
  }, 600_000);
});
