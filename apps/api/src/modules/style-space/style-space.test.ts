import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBundle } from '@freestyle/core';
import { writeDemoGallery } from '@freestyle/scenes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { createGate } from '../../testing/gate.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';
import { rowIdOf } from '../../testing/until-noticed.js';
import { type Answer, ended, mutate, node } from './testing.js';

let server: TestServer;
let datasetId = '';
const gate = createGate();
const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');

beforeAll(async () => {
  ensureBuilt();
  gate.open();
  server = await startTestServer({ styleGate: gate });
  const folder = join(server.folder, 'scenes');
  await writeDemoGallery(folder, { count: 24 });
  const handle = await server.importFolder(folder, { name: 'scenes' });
  expect(await handle.finished()).toMatchObject({ state: 'SUCCEEDED' });
  datasetId = globalId('Dataset', handle.datasetId);
}, 600_000);
afterAll(() => {
  gate.open();
  return server?.dispose();
});

const build = (input: Record<string, unknown> = {}) =>
  mutate(
    server,
    'buildStyleSpace',
    'BuildStyleSpaceInput',
    { datasetId, ...input },
    'styleSpace { id } job { id }',
  );

const idOf = (answer: Answer, field: string): string => {
  const found = answer[field];
  if (typeof found !== 'object' || found === null || !('id' in found))
    throw new Error(JSON.stringify(answer));
  return String(found.id);
};

async function built(input: Record<string, unknown> = {}): Promise<string> {
  const answer = await build(input);
  expect(await ended(server, idOf(answer, 'job'))).toMatchObject({ state: 'SUCCEEDED' });
  return idOf(answer, 'styleSpace');
}

interface Cluster {
  key: string;
  name: string;
  count: number;
  pictures: { index: number; clusterKey: string }[];
}
const CLUSTERS = 'clusters { key name count pictures(first: 5) { index clusterKey } }';
const clustersOf = async (id: string, version?: number) =>
  (
    await node<{ version: { clusters: Cluster[] } }>(
      server,
      id,
      'StyleSpace',
      `version${version === undefined ? '' : `(number: ${version})`} { ${CLUSTERS} }`,
    )
  ).version.clusters;

interface Draft {
  id: string;
  revision: number;
  clusters: Cluster[];
  edits: string[];
  isBehind: boolean;
}
const DRAFT = `draft { id revision edits isBehind ${CLUSTERS} }`;
const draftOf = (answer: Answer): Draft => {
  if (answer.draft === undefined) throw new Error(JSON.stringify(answer));
  return answer.draft as Draft;
};
const begin = async (styleSpaceId: string, expectedVersion: number) =>
  draftOf(
    await mutate(server, 'beginStyleEdit', 'BeginStyleEditInput', { styleSpaceId, expectedVersion }, DRAFT),
  );
const edit = (draft: Draft, edits: Record<string, unknown>[]) =>
  mutate(
    server,
    'editStyles',
    'EditStylesInput',
    { styleDraftId: draft.id, expectedRevision: draft.revision, edits },
    DRAFT,
  );
const onDraft = (name: string, draft: Draft, fields = DRAFT) =>
  mutate(
    server,
    name,
    'StyleDraftInput',
    { styleDraftId: draft.id, expectedRevision: draft.revision },
    fields,
  );

describe('a style space that is built', () => {
  it('is the same for the same seed, and tells its evidence, its clusters and both maps', async () => {
    const [a, b] = [await built({ seed: 5 }), await built({ seed: 5 })];
    const told = await node<Record<string, never>>(
      server,
      a,
      'StyleSpace',
      'name state pictureCount newestVersion evidence { suggested counts { k silhouette stability purity } } map { points url styles splits }',
    );
    expect(told).toMatchObject({ name: 'Styles of scenes', state: 'READY', newestVersion: 1 });
    const { evidence, map, pictureCount } = told as unknown as {
      pictureCount: number;
      evidence: { suggested: number; counts: { k: number; purity: number }[] };
      map: { points: number; url: string; styles: string[] };
    };
    expect(evidence.counts.map(({ k }) => k)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { purity } of evidence.counts) expect(purity).toBeGreaterThan(0);
    expect(map.styles).toEqual(expect.arrayContaining(['photo', 'sketch']));
    const clusters = await clustersOf(a);
    expect(clusters).toHaveLength(evidence.suggested);
    expect(clusters.reduce((sum, { count }) => sum + count, 0)).toBe(pictureCount);
    expect(clusters).toEqual(await clustersOf(b));
    const bytes = async (path: string) =>
      new Uint8Array(await (await fetch(server.url + path)).arrayBuffer());
    const [mapA, mapB] = [
      await bytes(map.url),
      await bytes(map.url.replace(encodeURIComponent(a), encodeURIComponent(b))),
    ];
    expect(mapA).toHaveLength(4 + 23 * pictureCount);
    expect(mapA).toEqual(mapB);
    expect(new DataView(mapA.buffer).getUint32(0, true)).toBe(pictureCount);
  }, 600_000);

  it('with more clusters than pictures is refused in words, as are too few pictures and a dataset that is not there', async () => {
    expect(await build({ k: 20, most: 12 })).toMatchObject({
      __typename: 'ValidationError',
      message: expect.stringContaining('20 clusters were asked for from 12 pictures; expected at most 12'),
    });
    expect(await build({ k: 99 })).toMatchObject({
      __typename: 'ValidationError',
      message: expect.stringContaining('expected a whole number from 1 to 24'),
    });
    const lone = join(server.folder, 'lone');
    await writeDemoGallery(lone, { count: 1 });
    await writeFile(
      join(lone, 'manifest.jsonl'),
      `${JSON.stringify({ kind: 'image', file: 'images/scene-0000.jpg', captions: [] })}\n`,
    );
    const handle = await server.importFolder(lone, { name: 'lone' });
    await handle.finished();
    const answer = await build({ datasetId: globalId('Dataset', handle.datasetId), source: 'QUERIES' });
    expect(answer).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringContaining('needs at least 4'),
    });
    expect(await build({ datasetId: globalId('Dataset', crypto.randomUUID()) })).toMatchObject({
      __typename: 'NotFoundError',
    });
  });

  it('cancelled in the middle keeps nothing half, says so, and can be deleted', async () => {
    gate.close();
    const answer = await build({ seed: 77 });
    const [id, job] = [idOf(answer, 'styleSpace'), idOf(answer, 'job')];
    await gate.arrived();
    await server.query('mutation ($id: ID!) { cancelJob(id: $id) { __typename } }', { id: job });
    expect(await ended(server, job)).toMatchObject({ state: 'CANCELLED' });
    gate.open();
    expect(await node(server, id, 'StyleSpace', 'state pictureCount version { number }')).toEqual({
      state: 'FAILED',
      pictureCount: 0,
      version: null,
    });
    const gone = await mutate(
      server,
      'deleteStyleSpace',
      'StyleSpaceInput',
      { styleSpaceId: id },
      'deletedId',
    );
    expect(gone).toMatchObject({ deletedId: id });
  }, 120_000);
});

describe('edits of a style space', () => {
  it('rename, merge, split, pin and move; each can be undone, and saving makes a version beside the old one', async () => {
    const id = await built({ k: 4, seed: 1 });
    const before = await clustersOf(id);
    const [a, b, c] = before as [Cluster, Cluster, Cluster];
    let draft = await begin(id, 1);
    draft = draftOf(await edit(draft, [{ kind: 'RENAME', cluster: a.key, name: 'ink' }]));
    expect(draft.clusters[0]).toMatchObject({ key: a.key, name: 'ink' });
    draft = draftOf(await edit(draft, [{ kind: 'MERGE', clusters: [a.key, b.key], name: 'both' }]));
    expect(draft.clusters).toHaveLength(3);
    expect(draft.edits).toEqual([`“${a.name}” is called “ink”`, `“ink” and “${b.name}” are one: “both”`]);
    const merged = draft.clusters.find(({ name }) => name === 'both') as Cluster;
    const split = draftOf(await edit(draft, [{ kind: 'SPLIT', cluster: merged.key, into: 2 }]));
    expect(split.clusters.map(({ name }) => name)).toEqual(expect.arrayContaining(['both', 'both 2']));
    draft = draftOf(await onDraft('undoStyleEdit', split));
    expect(draft.clusters).toHaveLength(3);
    const [picture] = merged.pictures;
    const { index = -1 } = picture ?? {};
    draft = draftOf(await edit(draft, [{ kind: 'MOVE', pictures: [index], cluster: c.key }]));
    draft = draftOf(await edit(draft, [{ kind: 'PIN', pictures: [index], cluster: c.key }]));
    const target = draft.clusters.find(({ key }) => key === c.key);
    expect(target?.pictures[0]).toEqual({ index, clusterKey: c.key });
    const saved = await onDraft('saveStyleDraft', draft, 'version styleSpace { newestVersion }');
    expect(saved).toMatchObject({ version: 2, styleSpace: { newestVersion: 2 } });
    expect(await clustersOf(id, 1)).toEqual(before);
    expect(await clustersOf(id)).toEqual(draft.clusters);
    const { version } = await node<{ version: { edits: string[]; changes: { moved: number } } }>(
      server,
      id,
      'StyleSpace',
      'version { edits changes(since: 1) { moved flows { from to count } } }',
    );
    expect(version.edits).toHaveLength(4);
    expect(version.changes.moved).toBeGreaterThanOrEqual(a.count + b.count - 1);
  }, 300_000);

  it('a second curator is told who saved first; the edits are kept, taken over, and what cannot be done any more is told', async () => {
    const id = await built({ k: 4, seed: 2 });
    const [a, b, c] = (await clustersOf(id)) as [Cluster, Cluster, Cluster];
    let first = await begin(id, 1);
    let second = await begin(id, 1);
    first = draftOf(await edit(first, [{ kind: 'MERGE', clusters: [a.key, b.key], name: 'one' }]));
    second = draftOf(
      await edit(second, [
        { kind: 'RENAME', cluster: a.key, name: 'mine' },
        { kind: 'RENAME', cluster: c.key, name: 'other' },
      ]),
    );
    expect(await onDraft('saveStyleDraft', first, 'version')).toMatchObject({ version: 2 });
    expect(await onDraft('saveStyleDraft', second, 'version')).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringMatching(
        /saved version 2 .* after you began with version 1\. Your edits are kept/,
      ),
    });
    const over = await onDraft('rebaseStyleDraft', second, `${DRAFT} dropped`);
    expect(over.dropped).toEqual([expect.stringContaining(`“${a.name}” is called “mine”`)]);
    second = draftOf(over);
    expect(second.clusters.map(({ name }) => name)).toEqual(expect.arrayContaining(['one', 'other']));
    expect(await onDraft('saveStyleDraft', second, 'version')).toMatchObject({ version: 3 });
    expect(
      await mutate(
        server,
        'beginStyleEdit',
        'BeginStyleEditInput',
        { styleSpaceId: id, expectedVersion: 2 },
        DRAFT,
      ),
    ).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringContaining('Version 3 is the newest'),
    });
  }, 300_000);

  it('made in two windows at once are told apart by their revision, and nothing is overwritten', async () => {
    const id = await built({ k: 3, seed: 3 });
    const [a] = (await clustersOf(id)) as [Cluster];
    const draft = await begin(id, 1);
    const answers = await Promise.all(
      ['left', 'right'].map((name) => edit(draft, [{ kind: 'RENAME', cluster: a.key, name }])),
    );
    const types = answers.map(({ __typename }) => __typename).sort();
    expect(types).toEqual(['ConflictError', 'StyleDraftSuccess']);
  }, 300_000);

  it('that cannot be done are refused in words, all of them or none', async () => {
    const id = await built({ k: 3, seed: 4 });
    const [a, b] = (await clustersOf(id)) as [Cluster, Cluster];
    const draft = await begin(id, 1);
    const refusals: [Record<string, unknown>, string, RegExp][] = [
      [{ kind: 'RENAME', cluster: a.key, name: b.name }, 'ConflictError', /already; merge the two/],
      [{ kind: 'RENAME', cluster: 'c99', name: 'x' }, 'ConflictError', /not there any more/],
      [{ kind: 'RECOLOUR', cluster: a.key, colour: 'blue' }, 'ValidationError', /a colour like #0072b2/],
      [{ kind: 'MERGE', clusters: [a.key, a.key], name: 'x' }, 'ConflictError', /at least two clusters/],
      [{ kind: 'MOVE', pictures: [100_000], cluster: a.key }, 'ConflictError', /no picture 100000/],
      [{ kind: 'SPLIT', cluster: a.key, into: 1 }, 'ValidationError', /edits\.0\.into/],
    ];
    for (const [wrong, type, message] of refusals) {
      const answer = await edit(draft, [{ kind: 'RECOLOUR', cluster: b.key, colour: '#123456' }, wrong]);
      expect(answer, JSON.stringify(wrong)).toMatchObject({ __typename: type });
      if (type === 'ConflictError') expect(answer.message).toMatch(message);
    }
    expect(await node(server, draft.id, 'StyleDraft', 'revision editCount')).toEqual({
      revision: 0,
      editCount: 0,
    });
  }, 300_000);

  it('what they do to recall is measured on val before they are saved, and kept with the version', async () => {
    const id = await built({ k: 4, seed: 6 });
    const [a, b] = (await clustersOf(id)) as [Cluster, Cluster];
    const draft = draftOf(
      await edit(await begin(id, 1), [{ kind: 'MERGE', clusters: [a.key, b.key], name: 'one' }]),
    );
    const asked = await onDraft('previewStyleEdit', draft, 'draft { job { id } }');
    expect(await ended(server, idOf(asked.draft as Answer, 'job'))).toMatchObject({ state: 'SUCCEEDED' });
    const { effect } = await node<{
      effect: { split: string; revision: number; changed: number; styles: Record<string, number>[] };
    }>(
      server,
      draft.id,
      'StyleDraft',
      'effect { revision split gallery changed styles { style queries changed hitAt1Before hitAt1After low high hitAt10Before } }',
    );
    expect(effect).toMatchObject({ revision: draft.revision, split: 'val' });
    expect(effect.styles.length).toBeGreaterThan(1);
    for (const row of effect.styles) {
      expect(row.queries).toBeGreaterThan(0);
      for (const name of ['hitAt1Before', 'hitAt1After']) expect(row[name]).toBeGreaterThanOrEqual(0);
    }
    expect(effect.changed).toBe(effect.styles.reduce((sum, { changed = 0 }) => sum + changed, 0));
    expect(effect.changed).toBeGreaterThan(0);
    await onDraft('saveStyleDraft', draft, 'version');
    const kept = await node<{ version: { effect: unknown } }>(
      server,
      id,
      'StyleSpace',
      'version { effect { changed } }',
    );
    expect(kept.version.effect).toEqual({ changed: effect.changed });
  }, 600_000);
});

it('a space that is used cannot be deleted, and the refusal names what uses it', async () => {
  const id = await built({ k: 3, seed: 8 });
  const { styleSpaces } = server.services;
  const bundle = await styleSpaces.bundle(rowIdOf(id), null);
  expect((await readBundle(bundle.folder)).manifest).toMatchObject({ modelType: 'freestyle-style' });
  let used = true;
  styleSpaces.addUser(async (spaceId) => (used && spaceId === rowIdOf(id) ? ['training run 7'] : []));
  const remove = () =>
    mutate(server, 'deleteStyleSpace', 'StyleSpaceInput', { styleSpaceId: id }, 'deletedId');
  expect(await remove()).toMatchObject({
    __typename: 'ConflictError',
    message: 'Styles of scenes cannot be deleted, it is used: training run 7.',
  });
  used = false;
  expect(await remove()).toMatchObject({ deletedId: id });
}, 300_000);

it('the styles of what people search with are weighed over the clusters, and counted by day without a picture', async () => {
  const id = await built({ k: 4, seed: 9 });
  await mutate(server, 'chooseStyleSpace', 'StyleSpaceInput', { styleSpaceId: id }, 'styleSpace { id }');
  const { styleSpaces } = server.services;
  const { features } = await styleSpaces.work.content(rowIdOf(id));
  const gram = features.data.slice(0, features.columns);
  const weighed = await styleSpaces.weigh(gram);
  expect(weighed?.weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 5);
  expect(weighed?.nearest[0]?.ordinal).toBe(0);
  expect(weighed?.outside).toBe(false);
  expect((await styleSpaces.weigh(gram.map((value) => -value)))?.outside).toBe(true);
}, 300_000);
