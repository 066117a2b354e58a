import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePatches } from '../../testing/pictures.js';
import { fileNames, search } from '../../testing/search-client.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { restartTestServer, startTestServer, type TestServer } from '../../testing/test-server.js';

const PHOTOS = 12;
const query = { all: [{ text: 'blue and white' }] };

let server: TestServer;
let datasetId = '';
let ids: string[] = [];

const IMAGES = `query ($id: ID!, $filter: ImageFilter) { dataset(id: $id) {
  imageCount indexedCount
  images(filter: $filter, first: 100) { totalCount nodes: edges { node { id fileName state deletedAt fileUrl tags } } }
  facets { states { value count } }
  changes(first: 10) { totalCount edges { node { id kind summary count undoneAt } } } } }`;

interface Answer {
  dataset: {
    imageCount: number;
    indexedCount: number;
    images: {
      totalCount: number;
      nodes: { node: { id: string; fileName: string; state: string; fileUrl: string } }[];
    };
    facets: { states: { value: string; count: number }[] };
    changes: { totalCount: number; edges: { node: { id: string; kind: string; summary: string } }[] };
  };
}

async function dataset(filter: object = {}): Promise<Answer['dataset']> {
  const { data, errors } = await server.query<Answer>(IMAGES, { id: datasetId, filter });
  if (data === null || errors) throw new Error(JSON.stringify(errors));
  return data.dataset;
}

const CHANGE = `mutation ($input: ChangeImagesInput!) { changeImages(input: $input) {
  __typename ... on ChangeImagesSuccess { change { id count kind summary } } ... on Error { code message } } }`;
const UNDO = `mutation ($id: ID!) { undoChange(id: $id) {
  __typename ... on UndoChangeSuccess { restoredCount skippedCount change { undoneAt } } ... on Error { code message } } }`;

async function change(edit: object, selection: object): Promise<{ id: string; count: number }> {
  const input = { ...edit, selection: { datasetId, ...selection } };
  const { data, errors } = await server.query<{ changeImages: { change: { id: string; count: number } } }>(
    CHANGE,
    {
      input,
    },
  );
  if (!data?.changeImages.change) throw new Error(JSON.stringify(data ?? errors));
  return data.changeImages.change;
}

const undo = async (id: string) =>
  (await server.query<{ undoChange: object }>(UNDO, { id })).data?.undoChange;

const ranking = async () => fileNames(await search(server, query, { first: 50 }));

beforeAll(async () => {
  server = await startTestServer();
  await writePatches(join(server.folder, 'photos'), PHOTOS);
  const handle = await server.importFolder(join(server.folder, 'photos'));
  expect((await handle.finished()).state).toBe('SUCCEEDED');
  datasetId = Buffer.from(`Dataset:${handle.datasetId}`).toString('base64');
  ids = (await dataset()).images.nodes.map(({ node }) => node.id);
  expect(ids).toHaveLength(PHOTOS);
});
afterAll(() => server?.dispose());

describe('deleted photos', () => {
  it('are found by no search and counted nowhere, and undoing brings all of that back', async () => {
    const before = await ranking();
    const gone = ids.slice(0, 5);
    const { id, count } = await change({ delete: true }, { ids: gone });
    expect(count).toBe(5);
    const after = await ranking();
    expect(after).toHaveLength(PHOTOS - 5);
    expect(after).toEqual(before.filter((name) => after.includes(name)));
    const now = await dataset();
    expect(now).toMatchObject({ imageCount: 7, indexedCount: 7, images: { totalCount: 7 } });
    expect(now.facets.states).toEqual([
      { value: 'INDEXED', count: 7 },
      { value: 'DELETED', count: 5 },
    ]);
    expect(now.changes.edges[0]?.node).toMatchObject({ id, kind: 'DELETE', summary: '5 photos deleted' });
    const deleted = await dataset({ states: ['DELETED'] });
    expect(deleted.images.nodes.map(({ node }) => [node.id, node.state])).toEqual(
      gone.map((one) => [one, 'DELETED']),
    );
    // Set aside, not destroyed: not served while it is deleted, and there again afterwards.
    const name = deleted.images.nodes[0]?.node.fileName ?? '';
    const picture = () => fetch(`${server.url}${deleted.images.nodes[0]?.node.fileUrl}`);
    expect((await picture()).status).toBe(404);
    expect(await undo(id)).toMatchObject({ restoredCount: 5, skippedCount: 0 });
    expect(Buffer.from(await (await picture()).arrayBuffer())).toEqual(
      await readFile(join(server.folder, 'photos', name)),
    );
    expect(await ranking()).toEqual(before);
    expect(await undo(id)).toMatchObject({ __typename: 'ConflictError', code: 'CONFLICT' });
  });

  it('neither repeat nor hide others in a search that is being paged through', async () => {
    const before = await ranking();
    const first = await search(server, query, { first: 4 });
    const seen = first.edges.map(({ node }) => node.id);
    const left = ids.filter((id) => !seen.includes(id));
    await change({ delete: true }, { ids: left.slice(0, 2) });
    const second = await search(server, query, { first: 3, after: first.pageInfo.endCursor });
    // Restored photos are new to the gallery: the list that was begun before does not have them.
    await change({ restore: true }, { filter: { states: ['DELETED'] } });
    const third = await search(server, query, { first: 50, after: second.pageInfo.endCursor });
    const names = [first, second, third].flatMap(fileNames);
    expect(new Set(names).size).toBe(names.length);
    const deleted = before.filter((name) => !names.includes(name));
    expect(deleted).toHaveLength(2);
    expect(names).toEqual(before.filter((name) => !deleted.includes(name)));
    expect(await ranking()).toEqual(before);
  });

  it('get no vectors of a new model until they are restored, and then get them by themselves', async () => {
    await change({ delete: true }, { ids: ids.slice(0, 3) });
    server = await restartTestServer(server, { model: createTestEncoder({ name: 'another' }) });
    await until(async () => (await dataset()).indexedCount === PHOTOS - 3);
    expect((await dataset({ states: ['UNINDEXED'] })).images.totalCount).toBe(0);
    await change({ restore: true }, { filter: { states: ['DELETED'] } });
    await until(async () => (await dataset()).indexedCount === PHOTOS);
    expect(await ranking()).toHaveLength(PHOTOS);
  });
});

describe('over GraphQL', () => {
  it('captions, tags and selections are changed and counted, and what is wrong is said as data', async () => {
    const set = await server.query(
      `mutation ($id: ID!) { setCaptions(imageId: $id, captions: ["one", "two"]) {
        ... on SetCaptionsSuccess { image { captions state } change { kind count summary } } } }`,
      { id: ids[4] },
    );
    expect(set.data).toEqual({
      setCaptions: {
        image: { captions: ['one', 'two'], state: 'INDEXED' },
        change: { kind: 'SET_CAPTIONS', count: 1, summary: 'Captions of 1 photo edited' },
      },
    });
    await change({ addTags: ['kept'] }, { filter: { caption: 'TWO' } });
    const count = `query ($selection: ImageSelectionInput!) { selectionCount(selection: $selection) }`;
    const selection = { datasetId, filter: { tags: ['kept'] } };
    expect((await server.query(count, { selection })).data).toEqual({ selectionCount: 1 });
    expect((await server.query(count, { selection: { ...selection, except: [ids[4]] } })).data).toEqual({
      selectionCount: 0,
    });
    const wrong = await server.query(CHANGE, {
      input: { selection: { datasetId, filter: { minSide: 0 } }, delete: true },
    });
    expect(wrong.data).toMatchObject({
      changeImages: {
        __typename: 'ValidationError',
        message: expect.stringContaining('selection.filter.minSide: expected at least 1 pixel'),
      },
    });
    const refused = await server.query(IMAGES, { id: datasetId, filter: { caption: 'a\0' } });
    expect(refused.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error('it did not come to that');
}
