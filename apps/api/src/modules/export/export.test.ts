// Over 400 lines: one server with one dataset, which take seconds to make, are exported in all of these ways.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import {
  datasetVersion,
  isTextQuery,
  readDataset,
  readDatasetFolder,
  resizeImage,
  versionProblem,
} from '@freestyle/core';
import { makeScene } from '@freestyle/scenes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jpeg, patches, writeFiles } from '../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';
import { downloadExport } from '../../testing/unzip.js';

// Some of every split and class; drawing a scene and its versions takes a while.
const PHOTOS = 12;
const CLASSES = 3;

let server: TestServer;
let built = '';
let temporary = '';
const before = process.env.TMPDIR;

beforeAll(async () => {
  server = await startTestServer();
  temporary = join(server.folder, 'tmp');
  await mkdir(temporary);
  process.env.TMPDIR = temporary;
  built = await builtDataset();
});
afterAll(async () => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  await server.dispose();
});

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function importing(folder: string, name?: string): Promise<string> {
  const handle = await server.importFolder(folder, name === undefined ? {} : { name });
  const job = await handle.finished();
  const { data } = await server.query(
    'query ($id: ID!) { job(id: $id) { rejects { edges { node { path reason } } } } }',
    {
      id: globalId('Job', job.id),
    },
  );
  expect(data).toEqual({ job: { rejects: { edges: [] } } });
  expect(job).toMatchObject({ state: 'SUCCEEDED', rejected: 0, failed: 0 });
  return globalId('Dataset', handle.datasetId);
}

async function finished(id: string): Promise<void> {
  for (;;) {
    const { data } = await server.query<{ job: { state: string } }>(
      'query ($id: ID!) { job(id: $id) { state } }',
      { id },
    );
    if (data?.job.state === 'SUCCEEDED') return;
    if (data?.job.state === 'FAILED') throw new Error(JSON.stringify(data));
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Drawn scenes with captions, classes and splits, queries of their own, and versions by three makers. */
async function builtDataset(): Promise<string> {
  const folder = join(server.folder, 'scenes');
  const files: Record<string, Uint8Array | string> = {};
  const lines: object[] = [];
  for (let i = 0; i < PHOTOS; i++) {
    const scene = await makeScene(1000 + i);
    const file = `images/${i % 2 === 0 ? 'even' : 'odd'}/scene ${i}.jpg`;
    files[file] = await jpeg(await resizeImage(scene.image, 64, 64));
    lines.push({
      kind: 'image',
      file,
      captions: [`scene ${i}: “a thing”`, `Szene ${i}\nzweite Zeile`],
      class: `class ${i % CLASSES}`,
      split: ['train', 'train', 'val', 'test'][i % 4],
      source: { camera: i },
    });
  }
  files['drawn/0.png'] = await jpeg(patches(7));
  const target = 'images/even/scene 0.jpg';
  lines.push(
    { kind: 'query', style: 'doodle', file: 'drawn/0.png', target, split: 'train', hand: 'left' },
    { kind: 'query', style: 'text', text: 'words of its own', target, split: 'train' },
    { kind: 'query', style: 'text', text: 'anything of class 0', class: 'class 0', split: 'val' },
  );
  files['manifest.jsonl'] = lines.map((line) => JSON.stringify(line)).join('\n');
  await writeFiles(folder, files);
  const id = await importing(folder);
  const { data } = await server.query<{ buildQueries: { job: { id: string } } }>(
    `mutation ($id: ID!) { buildQueries(input: { datasetId: $id, seed: 3, makers: [
       { maker: "sketch-ink", strengths: [0.3, 0.7] } { maker: "art-cartoon", strengths: [] }
       { maker: "lowres-mosaic-16", strengths: [] }] }) { ... on BuildQueriesSuccess { job { id } } } }`,
    { id },
  );
  await finished(data?.buildQueries.job.id ?? '');
  return id;
}

const exportUrl = (id: string, query = '') => `${server.url}/exports/${encodeURIComponent(id)}.zip${query}`;
const fetchExport = (id: string, name: string, query = '') =>
  downloadExport(exportUrl(id, query), join(server.folder, name));

/** Everything that a dataset folder says, with the hash of every picture. */
async function contentOf(folder: string) {
  const { images, queries } = await readDatasetFolder(folder);
  const hashed = async ({ path }: { path: string }) => sha256(await readFile(path));
  const order = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return {
    images: (
      await Promise.all(
        images.map(async ({ path, ...image }) => ({ ...image, hash: await hashed({ path }) })),
      )
    ).sort(order),
    queries: (
      await Promise.all(
        queries.map(async (query) => {
          if (isTextQuery(query)) return query;
          const { path, ...rest } = query;
          return { ...rest, hash: await hashed({ path }) };
        }),
      )
    ).sort(order),
  };
}

describe('a dataset that was built and exported', () => {
  it('is the very same after it was imported again: pictures, captions, splits, attributes, queries', async () => {
    await server.query(
      `mutation ($id: ID!) { changeImages(input: { selection: { datasetId: $id, filter: { classes: ["class 1"] } },
         addTags: ["checked", "été"] }) { __typename } }`,
      { id: built },
    );
    const names = await fetchExport(built, 'first');
    expect(names[0]).toBe('manifest.jsonl');
    const first = await contentOf(join(server.folder, 'first'));
    expect(first.images).toHaveLength(PHOTOS);
    // Four versions of each photo, one drawn query and two in words.
    expect(first.queries).toHaveLength(PHOTOS * 4 + 3);
    expect(first.images.find(({ file }) => file === 'images/odd/scene 1.jpg')).toMatchObject({
      captions: ['scene 1: “a thing”', 'Szene 1\nzweite Zeile'],
      class: 'class 1',
      split: 'train',
      attributes: { source: { camera: 1 }, tags: ['checked', 'été'] },
    });
    expect(first.queries).toContainEqual(
      expect.objectContaining({
        style: 'sketch',
        file: 'sketch/odd/scene 3-sketch-ink-0.7.png',
        target: 'images/odd/scene 3.jpg',
        class: 'class 0',
        split: 'test',
        attributes: expect.objectContaining({ maker: 'sketch-ink', strength: 0.7 }),
      }),
    );

    const again = await importing(join(server.folder, 'first'), 'again');
    const { data } = await server.query(
      'query ($id: ID!) { dataset(id: $id) { imageCount indexedCount queryCount } }',
      { id: again },
    );
    expect(data).toEqual({
      dataset: { imageCount: PHOTOS, indexedCount: PHOTOS, queryCount: PHOTOS * 4 + 3 },
    });
    await fetchExport(again, 'second');
    expect(await contentOf(join(server.folder, 'second'))).toEqual(first);
    const lines = async (name: string) =>
      (await readFile(join(server.folder, name, 'manifest.jsonl'), 'utf8')).split('\n').sort();
    expect(await lines('second')).toEqual(await lines('first'));
  });

  it('goes out in the layout of DSR, which our reader of DSR takes', async () => {
    const names = await fetchExport(built, 'dsr', '?layout=dsr');
    expect(names).toContain('images/even/scene 0.jpg');
    expect(names).toContain('text/even/scene 0.txt');
    expect(names).toContain('mosaic/even/scene 0.png');
    const dataset = await readDataset(join(server.folder, 'dsr'), { format: 'dsr' });
    expect(dataset.notes).toEqual([]);
    expect(dataset.images).toHaveLength(PHOTOS);
    expect(dataset.splits).toEqual(['test', 'train', 'val']);
    expect(dataset.images.find(({ file }) => file === 'images/odd/scene 3.jpg')).toMatchObject({
      captions: ['scene 3: “a thing”'],
      split: 'test',
    });
    for (const style of ['sketch', 'art', 'lowres']) {
      expect(dataset.queries.filter((query) => query.style === style)).toHaveLength(PHOTOS);
    }
    const train = JSON.parse(await readFile(join(server.folder, 'dsr', 'train.json'), 'utf8')) as unknown[];
    expect(train).toHaveLength(PHOTOS / 2);
  });

  it('goes out as it was in a version, whatever was changed since', async () => {
    const { data } = await server.query<{ createVersion: { version: { id: string } } }>(
      'mutation ($id: ID!) { createVersion(datasetId: $id) { ... on CreateVersionSuccess { version { id } } } }',
      { id: built },
    );
    const version = data?.createVersion.version.id ?? '';
    await fetchExport(built, 'then');
    await server.query(
      `mutation ($id: ID!) { changeImages(input: { selection: { datasetId: $id, filter: { classes: ["class 2"] } },
         delete: true }) { __typename } }`,
      { id: built },
    );
    await fetchExport(built, 'now');
    await fetchExport(built, 'version', `?version=${encodeURIComponent(version)}`);
    const now = await contentOf(join(server.folder, 'now'));
    expect(now.images).toHaveLength(PHOTOS - PHOTOS / CLASSES);
    // Deleted photos take their queries with them.
    expect(now.queries).toHaveLength((PHOTOS - PHOTOS / CLASSES) * 4 + 3);
    expect(await contentOf(join(server.folder, 'version'))).toEqual(
      await contentOf(join(server.folder, 'then')),
    );
  });
});

describe('an exported version', () => {
  it('carries the content hash that the folder really has, whatever stands in its records and names', async () => {
    const folder = join(server.folder, 'awkward');
    const target = 'odd/ä.jpg';
    const attributes = {
      style: 'not a field of a photo',
      tags: 'no list',
      numbers: [1e21, 1.5e-7, -0.1, 12345678.9, 3e-10],
      zß: { '\u0001': '"\\\n\u2028', bb: null, a: [[], {}], '🙂': true },
    };
    await writeFiles(folder, {
      [target]: await jpeg(patches(901)),
      // An export gives these two other names.
      'odd/Ä.JPG': await jpeg(patches(902)),
      'odd/no extension': await jpeg(patches(903)),
      'q.png': await jpeg(patches(904)),
      'manifest.jsonl': [
        {
          kind: 'image',
          file: target,
          captions: ['b', 'a', '„é“ 🙂\n\t\u0002'],
          split: 'train',
          ...attributes,
        },
        { kind: 'image', file: 'odd/Ä.JPG', class: 'x', tags: ['\u{1F600}', '\uFFFD', 'b', 'B'] },
        { kind: 'image', file: 'odd/no extension' },
        {
          kind: 'query',
          style: 'sketch',
          file: 'q.png',
          target,
          captions: [1],
          tags: [],
          maker: 'by hand',
          seed: 1e3,
        },
        { kind: 'query', style: 'text', text: 'words', class: 'x', split: 'val' },
      ]
        .map((record) => JSON.stringify(record))
        .join('\n'),
    });
    const id = await importing(folder);
    const first = await exportVersion(id, 'awkward-1');
    expect(first.version).toEqual({ name: 'awkward-1', hash: first.contentHash, recorded: first.recorded });
    expect(versionProblem(first.version)).toBeNull();
    const second = await exportVersion(
      await importing(join(server.folder, 'awkward-1'), 'awkward again'),
      'awkward-2',
    );
    expect(second.contentHash).toBe(first.contentHash);
    expect(second.version.hash).toBe(first.contentHash);
  });

  it('of built queries has the same hash after it was imported elsewhere, and another after one caption changed', async () => {
    const first = await exportVersion(built, 'built-1');
    expect(first.version.hash).toBe(first.contentHash);
    const again = await importing(join(server.folder, 'built-1'), 'built again');
    expect((await exportVersion(again, 'built-2')).contentHash).toBe(first.contentHash);
    await server.query(
      `mutation ($id: ID!) { changeImages(input: { selection: { datasetId: $id, filter: { classes: ["class 0"] } },
         addTags: ["changed"] }) { __typename } }`,
      { id: again },
    );
    expect((await exportVersion(again, 'built-3')).contentHash).not.toBe(first.contentHash);
    // What somebody does to the folder shows as well.
    const manifest = join(server.folder, 'built-1', 'manifest.jsonl');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('a thing', 'another thing'));
    expect(versionProblem(await datasetVersion(join(server.folder, 'built-1')))).toContain(
      'changed after the export',
    );
  });
});

/** Makes a version, downloads it and reads what the folder says of itself. */
async function exportVersion(datasetId: string, name: string) {
  const { data } = await server.query<{
    createVersion: {
      version: { id: string; number: number; contentHash: string; dataset: { name: string } };
    };
  }>(
    `mutation ($id: ID!) { createVersion(datasetId: $id) { ... on CreateVersionSuccess {
       version { id number contentHash dataset { name } } } } }`,
    { id: datasetId },
  );
  if (!data) throw new Error('there is no version');
  const { id, number, contentHash, dataset } = data.createVersion.version;
  await fetchExport(datasetId, name, `?version=${encodeURIComponent(id)}`);
  const version = await datasetVersion(join(server.folder, name));
  return { contentHash, version, recorded: { dataset: dataset.name, number, contentHash } };
}

describe('a list of captions without pictures', () => {
  it('describes the photos that the dataset has, by name or by the end of it, and changes nothing else', async () => {
    const folder = join(server.folder, 'captioned');
    await writeFiles(folder, {
      'images/x/a.jpg': await jpeg(patches(801)),
      'images/x/b.jpg': await jpeg(patches(802)),
      'manifest.jsonl': ['a', 'b']
        .map((name) =>
          JSON.stringify({
            kind: 'image',
            file: `images/x/${name}.jpg`,
            class: `${name} thing`,
            split: 'val',
            by: 'me',
          }),
        )
        .join('\n'),
    });
    const id = await importing(folder);
    const list = join(server.folder, 'list');
    await writeFiles(list, {
      'captions.csv': 'image,caption\na.jpg,a first\na.jpg,a second\nnowhere.jpg,lost\n',
    });
    const { job } = await server.services.imports.startImport({
      source: { path: list },
      datasetId: Buffer.from(id, 'base64').toString().replace('Dataset:', ''),
    });
    const { data } = await server.query<{ job: { id: string } }>('query ($id: ID!) { job(id: $id) { id } }', {
      id: globalId('Job', job.id),
    });
    await finished(data?.job.id ?? '');
    const rejects = await server.query(
      'query ($id: ID!) { job(id: $id) { rejects { edges { node { path code } } } } }',
      { id: data?.job.id },
    );
    expect(rejects.data).toEqual({
      job: { rejects: { edges: [{ node: { path: 'nowhere.jpg', code: 'FILE_MISSING' } }] } },
    });
    await fetchExport(id, 'captioned-export');
    const { images } = await contentOf(join(server.folder, 'captioned-export'));
    expect(images).toMatchObject([
      {
        file: 'images/x/a.jpg',
        captions: ['a first', 'a second'],
        class: 'a thing',
        split: 'val',
        attributes: { by: 'me' },
      },
      { file: 'images/x/b.jpg', captions: [], class: 'b thing', split: 'val', attributes: { by: 'me' } },
    ]);
  });
});

describe('an export', () => {
  it('keeps names of every script, and makes those safe that a system would refuse', async () => {
    const folder = join(server.folder, 'names');
    const wanted = [
      '写真/猫 1.jpg',
      'été/ça.jpg',
      'a:b?.jpg',
      'CON.jpg',
      'x/Same.jpg',
      'x/same.jpg',
      'صورة.jpg',
    ];
    const files = Object.fromEntries(
      await Promise.all(wanted.map(async (name, i) => [name, await jpeg(patches(600 + i))] as const)),
    );
    await writeFiles(folder, files);
    const id = await importing(folder);
    const names = (await fetchExport(id, 'names-export')).slice(1);
    expect(names.sort()).toEqual(
      [
        '写真/猫 1.jpg',
        'été/ça.jpg',
        'a_b_.jpg',
        '_CON.jpg',
        'x/Same.jpg',
        'x/same-2.jpg',
        'صورة.jpg',
      ].sort(),
    );
  });

  it('says its length beforehand and is the same at every download', async () => {
    const head = await fetch(exportUrl(built), { method: 'HEAD' });
    const [one, other] = await Promise.all(
      [0, 1].map(async () => Buffer.from(await (await fetch(exportUrl(built))).arrayBuffer())),
    );
    expect(Number(head.headers.get('content-length'))).toBe(one?.length);
    expect(head.headers.get('content-disposition')).toContain('filename="scenes.zip"');
    expect(Buffer.compare(one ?? Buffer.of(), other ?? Buffer.of(1))).toBe(0);
  });

  it('that is broken off leaves nothing behind, and the next one is whole', async () => {
    await new Promise<void>((done, fail) => {
      const call = request(exportUrl(built), (response) => {
        response.once('data', () => call.destroy());
        response.once('close', () => done());
      });
      call.once('error', (error) => ('code' in error && error.code === 'ECONNRESET' ? done() : fail(error)));
      call.end();
    });
    const deadline = Date.now() + 10_000;
    const left = async () => (await readdir(temporary)).filter((name) => name.startsWith('freestyle-export'));
    while ((await left()).length > 0 && Date.now() < deadline) await new Promise((r) => setTimeout(r, 50));
    expect(await left()).toEqual([]);
    expect((await fetchExport(built, 'after-abort')).length).toBeGreaterThan(PHOTOS);
  });

  it('names in itself what the store has lost, and leaves its queries out', async () => {
    const folder = join(server.folder, 'lossy');
    const lost = await jpeg(patches(701));
    await writeFiles(folder, { 'a.jpg': await jpeg(patches(700)), 'b.jpg': lost });
    const id = await importing(folder);
    const hash = sha256(lost);
    await rm(join(server.folder, 'data', 'originals', hash.slice(0, 2), hash));
    const names = await fetchExport(id, 'lossy-export');
    expect(names).toEqual(['manifest.jsonl', 'a.jpg', 'PROBLEMS.txt']);
    expect(await readFile(join(server.folder, 'lossy-export', 'PROBLEMS.txt'), 'utf8')).toMatch(
      /^b\.jpg was left out/,
    );
  });

  it.each([
    ['a dataset that is not there', globalId('Dataset', '00000000-0000-7000-8000-000000000000'), '', 404],
    ['an id of something else', globalId('Image', '00000000-0000-7000-8000-000000000000'), '', 404],
    ['no id at all', '%00', '', 404],
    ['a layout that nobody knows', 'own', '?layout=rar', 400],
    ['a version of another kind', 'own', '?version=abc', 404],
  ])('of %s is refused', async (_what, id, query, status) => {
    const response = await fetch(exportUrl(id === 'own' ? built : id, query));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code: status === 404 ? 'NOT_FOUND' : 'BAD_USER_INPUT' });
  });

  it('is for those who may look, and for nobody else', async () => {
    const response = await fetch(exportUrl(built), { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(response.status).toBe(401);
  });
});
