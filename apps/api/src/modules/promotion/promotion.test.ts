import { join } from 'node:path';
import type { EmbeddingModel } from '@freestyle/core';
import { writeTinyClip } from '@freestyle/core/testing';
import { writeDemoGallery } from '@freestyle/scenes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { createGate } from '../../testing/gate.js';
import { asked, endOf, mutate } from '../../testing/model-client.js';
import { restartTestServer, startTestServer, type TestServer } from '../../testing/test-server.js';
import { openModel } from '../model/open-model.js';

let server: TestServer;
const gate = createGate();
const USUAL = { modelName: 'freestyle-small' } as const;

/** The bundled model, whose texts wait at the gate. */
async function gated(): Promise<EmbeddingModel> {
  const model = await openModel('freestyle-small', 'cpu');
  return {
    ...model,
    encodeTexts: async (texts) => {
      await gate.pass();
      return model.encodeTexts(texts);
    },
  };
}

beforeAll(async () => {
  ensureBuilt();
  gate.open();
  server = await startTestServer({ model: await gated(), ...USUAL });
  const scenes = join(server.folder, 'scenes');
  await writeDemoGallery(scenes, { count: 16 });
  await (await server.importFolder(scenes, { name: 'scenes' })).finished();
}, 300_000);
afterAll(() => server?.dispose());

interface Row {
  id: string;
  kind: string;
  name: string;
  isLive: boolean;
}
const rows = async (): Promise<Row[]> =>
  (
    await asked<{ models: { edges: { node: Row & { trouble: string | null } }[] } }>(
      server,
      '{ models(first: 50) { edges { node { id kind name isLive trouble } } } }',
    )
  ).models.edges
    .map(({ node }) => node)
    .filter(({ trouble }) => trouble === null);
const idOf = async (kind: string, name = 'freestyle-small') =>
  (await rows()).find((one) => one.kind === kind && one.name.startsWith(name))?.id ?? '';

const SEARCH = `query ($after: String) { search(query: { all: [{ text: "a boat on a lake" }] }, mode: MEANING, showWeak: true, first: 3, after: $after) {
  edges { cursor node { id } } } }`;
interface Hits {
  search: { edges: { cursor: string; node: { id: string } }[] };
}
const search = async (after: string | null = null) =>
  (await asked<Hits>(server, SEARCH, { after })).search.edges;

const promote = (id: string, reason: string | null) =>
  mutate(
    server,
    `promoteModel(modelId: "${id}", reason: ${JSON.stringify(reason)})`,
    '... on PromoteModelSuccess { promotion { kind overridden reason by modelName fromName gate } }',
  );
const rollback = () =>
  mutate(
    server,
    'rollbackModel(reason: "it was a trial")',
    '... on RollbackModelSuccess { promotion { kind modelName } }',
  );

it('a closed gate refuses with what it found; with a reason the promotion is made, at once, and kept with the checklist', async () => {
  const plain = await idOf('BACKBONE');
  const refused = await promote(plain, null);
  expect(refused).toMatchObject({
    __typename: 'ConflictError',
    message: expect.stringMatching(/gate is closed: It was not judged yet.*give a reason/),
  });
  expect(await promote(plain, 'short')).toMatchObject({ __typename: 'ValidationError' });
  // The model is opened first, while the other one answers; what follows is one transaction.
  await server.services.models.prepare(
    (await server.services.modelRegistry.usable()).find(({ model }) => model.kind === 'BACKBONE')?.model.id ??
      '',
  );
  const started = performance.now();
  const made = await promote(plain, 'a trial of the plain backbone');
  expect(performance.now() - started).toBeLessThan(1000);
  expect(made.promotion).toMatchObject({
    kind: 'PROMOTE',
    overridden: true,
    reason: 'a trial of the plain backbone',
    fromName: 'freestyle-small',
    gate: { checks: expect.arrayContaining([expect.objectContaining({ name: 'EVALUATED', passed: false })]) },
  });
  expect((await rows()).filter(({ isLive }) => isLive).map(({ id }) => id)).toEqual([plain]);
  const back = performance.now();
  expect((await rollback()).promotion).toMatchObject({ kind: 'ROLLBACK', modelName: 'freestyle-small' });
  expect(performance.now() - back).toBeLessThan(1000);
});

it('a search under way ends with the model that it began with, and its next page is of that model too', async () => {
  gate.close();
  const arrived = gate.arrived();
  const underWay = search();
  await arrived;
  const plain = await idOf('BACKBONE');
  expect((await promote(plain, 'promoted in the middle of a search')).promotion).toBeDefined();
  gate.open();
  const first = await underWay;
  expect(first).toHaveLength(3);
  const second = await search(first.at(-1)?.cursor);
  const ids = [...first, ...second].map(({ node }) => node.id);
  expect(new Set(ids).size).toBe(6);
  expect((await rollback()).promotion).toMatchObject({ modelName: 'freestyle-small' });
}, 120_000);

it('after both were judged on one version the gate knows every style, and says what is worse', async () => {
  const { datasets } = await asked<{ datasets: { edges: { node: { id: string } }[] } }>(
    server,
    '{ datasets(first: 1) { edges { node { id } } } }',
  );
  const datasetId = datasets.edges[0]?.node.id;
  const plain = await idOf('BACKBONE');
  const both = await mutate(
    server,
    `evaluateBoth(modelId: "${plain}", datasetId: "${datasetId}")`,
    '... on EvaluateBothSuccess { jobs { id } evaluations { versionNumber versionHash } }',
  );
  const { jobs, evaluations } = both as unknown as {
    jobs: { id: string }[];
    evaluations: { versionNumber: number; versionHash: string }[];
  };
  expect(new Set(evaluations.map(({ versionHash }) => versionHash)).size).toBe(1);
  for (const { id } of jobs) expect(await endOf(server, id)).toMatchObject({ state: 'SUCCEEDED' });
  const { modelGate } = await asked<{
    modelGate: {
      open: boolean;
      checks: { name: string; passed: boolean; words: string }[];
      sections: {
        name: string;
        live: number;
        candidate: number;
        difference: number;
        low: number;
        high: number;
        verdict: string;
      }[];
    };
  }>(
    server,
    `{ modelGate(modelId: "${plain}") { open checks { name passed words } sections { name live candidate difference low high verdict } } }`,
  );
  expect(modelGate.checks.find(({ name }) => name === 'EVALUATED')).toMatchObject({
    passed: true,
    words: 'Both were judged on scenes v1.',
  });
  expect(modelGate.sections.map(({ name }) => name)).toEqual(expect.arrayContaining(['text', 'sketch']));
  for (const { live, candidate, difference, low, high } of modelGate.sections) {
    expect(difference).toBeCloseTo(candidate - live, 6);
    expect(low).toBeLessThanOrEqual(difference);
    expect(high).toBeGreaterThanOrEqual(difference);
  }
  // The text tower is the same one.
  expect(modelGate.sections.find(({ name }) => name === 'text')).toMatchObject({
    difference: 0,
    verdict: 'SAME',
  });
}, 600_000);

it('searches may go to another space when every photo has its vector there, go on meanwhile, and can be taken back', async () => {
  const clip = join(server.folder, 'clip');
  await writeTinyClip(clip);
  const added = await mutate(
    server,
    `addModelFolder(path: "${clip}")`,
    '... on AddModelFolderSuccess { job { id } }',
  );
  expect(await endOf(server, added.job?.id)).toMatchObject({ state: 'SUCCEEDED' });
  const other = await idOf('BACKBONE', 'clip');
  expect(await promote(other, 'before the gallery is encoded')).toMatchObject({
    __typename: 'ConflictError',
    message: expect.stringContaining('16 photos have no vector in the space of clip'),
  });
  const backfill = await mutate(
    server,
    `backfillSpace(modelId: "${other}")`,
    '... on BackfillSpaceSuccess { job { id } }',
  );
  let answered = 0;
  let over = false;
  const searching = (async () => {
    while (!over) {
      expect(await search()).toHaveLength(3);
      answered += 1;
    }
  })();
  expect(await endOf(server, backfill.job?.id)).toMatchObject({ state: 'SUCCEEDED' });
  over = true;
  await searching;
  expect(answered).toBeGreaterThan(0);
  interface Space {
    id: string;
    name: string;
    answers: boolean;
    vectors: number;
    missing: number;
    bytes: number;
    encoder: { name: string } | null;
  }
  const spaces = async () =>
    (
      await asked<{ embeddingSpaces: Space[] }>(
        server,
        '{ embeddingSpaces { id name answers vectors missing bytes encoder { name } } }',
      )
    ).embeddingSpaces.filter(({ encoder, name }) => encoder !== null && name !== 'test-colour-layout');
  expect((await spaces()).map(({ answers, vectors, missing }) => [answers, vectors, missing])).toEqual([
    [true, 16, 0],
    [false, 16, 0],
  ]);
  expect((await promote(other, 'a trial of another space')).promotion).toMatchObject({ kind: 'SWITCH' });
  const hits = await search();
  expect(hits).toHaveLength(3);
  const [old, now] = await spaces();
  expect([old?.answers, now?.answers]).toEqual([false, true]);
  // A photo that comes in now has its vector where searches go, and is missing where they went.
  const more = join(server.folder, 'more');
  await writeDemoGallery(more, { count: 2, seed: 9 });
  await (await server.importFolder(more, { name: 'more' })).finished();
  expect((await spaces()).map(({ missing }) => missing)).toEqual([2, 0]);
  expect(await rollback()).toMatchObject({
    __typename: 'ConflictError',
    message: expect.stringContaining('2 photos have no vector'),
  });
  const again = await mutate(
    server,
    `backfillSpace(modelId: "${await idOf('BACKBONE')}")`,
    '... on BackfillSpaceSuccess { job { id } }',
  );
  expect(await endOf(server, again.job?.id)).toMatchObject({ state: 'SUCCEEDED' });
  expect((await rollback()).promotion).toMatchObject({ modelName: 'freestyle-small' });
  const [first, second] = await spaces();
  expect(await mutate(server, `deleteSpace(spaceId: "${first?.id}")`, '')).toMatchObject({
    __typename: 'ConflictError',
  });
  const freed = await mutate(
    server,
    `deleteSpace(spaceId: "${second?.id}")`,
    '... on DeleteSpaceSuccess { freedBytes }',
  );
  expect(freed.freedBytes).toBe(second?.bytes);
  expect(second?.bytes).toBeGreaterThan(16 * 20 * 4);
}, 300_000);

it('what was promoted answers after a restart, unless a model is named for the start', async () => {
  const plain = await idOf('BACKBONE');
  await promote(plain, 'shall outlive a restart');
  server = await restartTestServer(server, { model: await openModel('freestyle-small', 'cpu'), ...USUAL });
  expect((await rows()).find(({ isLive }) => isLive)?.id).toBe(plain);
  server = await restartTestServer(server, {
    model: await openModel('freestyle-small', 'cpu'),
    ...USUAL,
    modelIsGiven: true,
  });
  expect((await rows()).find(({ isLive }) => isLive)?.kind).toBe('QUERY_ENCODER');
  expect(await search()).toHaveLength(3);
}, 180_000);
