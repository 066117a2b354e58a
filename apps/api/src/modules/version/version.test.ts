import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jpeg, patches, writeFiles } from '../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');

/** Writes a dataset folder of four photos. */
async function writeFolder(name: string): Promise<string> {
  const folder = join(server.folder, name);
  const records = [1, 2, 3, 4].map((n) => ({
    kind: 'image',
    file: `images/${n}.jpg`,
    captions: [`caption ${n}`],
    split: 'train',
  }));
  await writeFiles(folder, {
    ...Object.fromEntries(
      await Promise.all([1, 2, 3, 4].map(async (n) => [`images/${n}.jpg`, await jpeg(patches(n))] as const)),
    ),
    'manifest.jsonl': records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  });
  return folder;
}

async function importing(folder: string): Promise<string> {
  const handle = await server.importFolder(folder);
  expect(await handle.finished()).toMatchObject({ state: 'SUCCEEDED' });
  return globalId('Dataset', handle.datasetId);
}

interface Made {
  createVersion: {
    isNew: boolean;
    version: { id: string; number: number; name: string | null; contentHash: string; imageCount: number };
  };
}

async function makeVersion(datasetId: string, name?: string) {
  const { data, errors } = await server.query<Made>(
    `mutation ($id: ID!, $name: String) { createVersion(datasetId: $id, name: $name) {
       ... on CreateVersionSuccess { isNew version { id number name contentHash imageCount } }
       ... on Error { code message } } }`,
    { id: datasetId, name },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.createVersion;
}

const DIFF = `query ($from: ID!, $to: ID, $after: String) { versionDiff(fromId: $from, toId: $to) {
  addedCount removedCount changedCount photos { added removed changed }
  changed: entries(kind: CHANGED, first: 1, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    kind fileName isQuery captions split thumbnailUrl(size: 128) image { fileName captions }
    changes { field before after } } } }
  added: entries(kind: ADDED, isQuery: false) { edges { node { fileName } } }
} }`;

interface DiffAnswer {
  changed: { pageInfo: { hasNextPage: boolean; endCursor: string }; edges: { node: unknown }[] };
}

async function diffFrom(from: string, after: string | null): Promise<DiffAnswer> {
  const { data, errors } = await server.query<{ versionDiff: DiffAnswer }>(DIFF, { from, after });
  if (!data) throw new Error(JSON.stringify(errors));
  return data.versionDiff;
}

describe('versions over GraphQL', () => {
  it('keep what was, and the diff shows exactly what an import changed, page by page', async () => {
    const folder = await writeFolder('changing');
    const datasetId = await importing(folder);
    const first = await makeVersion(datasetId, '  before  ');
    expect(first).toMatchObject({ isNew: true, version: { number: 1, name: 'before', imageCount: 4 } });
    const manifest = join(folder, 'manifest.jsonl');
    const text = await readFile(manifest, 'utf8');
    const changed = text.replace('caption 1', 'a new caption').replace(/"train"\}\n$/, '"val"}\n');
    const more = '{"kind":"image","file":"images/5.jpg"}\n';
    await writeFiles(folder, { 'images/5.jpg': await jpeg(patches(5)) });
    await writeFile(manifest, changed + more);
    await importing(folder);
    const pages: DiffAnswer[] = [];
    for (let after: string | null = null; ; ) {
      const page: DiffAnswer = await diffFrom(first.version.id, after);
      pages.push(page);
      if (!page.changed.pageInfo.hasNextPage) break;
      after = page.changed.pageInfo.endCursor;
    }
    expect(pages[0]).toMatchObject({
      addedCount: 1,
      removedCount: 0,
      changedCount: 2,
      photos: { added: 1, removed: 0, changed: 2 },
      added: { edges: [{ node: { fileName: 'images/5.jpg' } }] },
    });
    expect(pages.flatMap(({ changed: { edges } }) => edges.map(({ node }) => node))).toEqual([
      {
        kind: 'CHANGED',
        fileName: 'images/1.jpg',
        isQuery: false,
        captions: ['a new caption'],
        split: 'train',
        thumbnailUrl: expect.stringMatching(/^\/thumbnails\/128\/[0-9a-f]{64}$/),
        image: { fileName: 'images/1.jpg', captions: ['a new caption'] },
        changes: [{ field: 'captions', before: 'caption 1', after: 'a new caption' }],
      },
      expect.objectContaining({
        fileName: 'images/4.jpg',
        changes: [{ field: 'split', before: 'train', after: 'val' }],
      }),
    ]);
    const second = await makeVersion(datasetId);
    expect(second).toMatchObject({ isNew: true, version: { number: 2, imageCount: 5 } });
    const { data } = await server.query(
      `query ($id: ID!) { dataset(id: $id) { versions { totalCount edges { node { number contentHash } } }
         images { edges { node { fileName versions { number } } } } } }`,
      { id: datasetId },
    );
    expect(data).toMatchObject({
      dataset: {
        versions: {
          totalCount: 2,
          edges: [
            { node: { number: 2, contentHash: second.version.contentHash } },
            { node: { number: 1, contentHash: first.version.contentHash } },
          ],
        },
        images: {
          edges: [1, 2, 3, 4, 5].map((n) => ({
            node: {
              fileName: `images/${n}.jpg`,
              versions: n === 5 ? [{ number: 2 }] : [{ number: 2 }, { number: 1 }],
            },
          })),
        },
      },
    });
  });

  it('of two datasets with the same photos have the same hash, and cannot be compared entry by entry', async () => {
    const one = await makeVersion(await importing(await writeFolder('one')));
    const other = await makeVersion(await importing(await writeFolder('other')));
    expect(other.version.contentHash).toBe(one.version.contentHash);
    const { errors } = await server.query(DIFF, { from: one.version.id, to: other.version.id });
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(errors?.[0]?.message).toContain('same dataset');
  });

  it('refuse with a reason what cannot be', async () => {
    const none = globalId('Dataset', '00000000-0000-7000-8000-000000000000');
    expect(await makeVersion(none)).toMatchObject({ code: 'NOT_FOUND' });
    const datasetId = await importing(await writeFolder('refusing'));
    expect(await makeVersion(datasetId, 'x'.repeat(121))).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await makeVersion(datasetId, 'a\0')).toMatchObject({ code: 'BAD_USER_INPUT' });
    const { version } = await makeVersion(datasetId);
    const cursorOfAnotherList = Buffer.from('k1:1').toString('base64url');
    const { errors } = await server.query(DIFF, { from: version.id, after: cursorOfAnotherList });
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    const unknown = globalId('DatasetVersion', '00000000-0000-7000-8000-000000000000');
    expect((await server.query(DIFF, { from: unknown })).data).toEqual({ versionDiff: null });
    expect((await server.query(DIFF, { from: globalId('DatasetVersion', 'x') })).data).toEqual({
      versionDiff: null,
    });
  });
});
