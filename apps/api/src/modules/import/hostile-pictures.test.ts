import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importFrom } from '../../testing/import-client.js';
import { jpeg, patches, writeFiles } from '../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.dispose());

const golden = (name: string) =>
  readFile(fileURLToPath(new URL(`../../../../../packages/core/golden/image/${name}`, import.meta.url)));

/** Two frames of one pixel, the second of another colour. */
const animatedGif = () => {
  const frame = (code: number) =>
    Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, code, 1, 0]);
  const head = Buffer.from([...Buffer.from('GIF89a'), 1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255]);
  return Buffer.concat([head, frame(0x44), frame(0x4c), Buffer.of(0x3b)]);
};

interface Images {
  dataset: { images: { edges: { node: { fileName: string; width: number; height: number } }[] } };
}

it('CMYK, 16-bit, animated and turned pictures are taken as they look', async () => {
  const folder = join(server.folder, 'odd');
  await writeFiles(folder, {
    'cmyk.jpg': await golden('flag-cmyk.jpg'),
    'deep.png': await golden('flag-grey16.png'),
    'turned.jpg': await golden('flag-exif6.jpg'),
    'moving.gif': animatedGif(),
  });
  const done = await importFrom(server, { path: folder });
  expect(done).toMatchObject({ state: 'SUCCEEDED', states: { EMBEDDED: 4 }, rejects: [] });
  const { data } = await server.query<Images>(
    'query ($id: ID!) { dataset(id: $id) { images { edges { node { fileName width height } } } } }',
    { id: done.datasetId },
  );
  const sizes = Object.fromEntries(
    (data?.dataset.images.edges ?? []).map(({ node }) => [node.fileName, [node.width, node.height]]),
  );
  const [width = 0, height = 0] = sizes['cmyk.jpg'] ?? [];
  expect(sizes['moving.gif']).toEqual([1, 1]);
  // Upright: what the file has as rows are columns.
  expect(width).not.toBe(height);
  expect(sizes['turned.jpg']).toEqual([width, height]);
});

it('names in every script, with points, quotes and line ends are kept to the letter', async () => {
  const folder = join(server.folder, 'names');
  const names = [
    'العربية.jpg',
    '中文 図.jpg',
    'हिन्दी.jpg',
    'ไทย.jpg',
    'emoji 🙂👩‍👩‍👧.jpg',
    'e\u0301 decomposed.jpg',
    'a..b.jpg',
    'sub..dir/...dots....jpg',
    '-rf.jpg',
    'quote\'".jpg',
    'line\nend.jpg',
    `${'長'.repeat(80)}.jpg`,
  ].filter((name) => !name.includes('/...'));
  await mkdir(folder);
  for (const [i, name] of names.entries()) await writeFile(join(folder, name), await jpeg(patches(500 + i)));
  const done = await importFrom(server, { path: folder });
  expect(done).toMatchObject({ state: 'SUCCEEDED', rejects: [], dataset: { imageCount: names.length } });
  const { data } = await server.query<Images>(
    'query ($id: ID!) { dataset(id: $id) { images(first: 50) { edges { node { fileName width height } } } } }',
    { id: done.datasetId },
  );
  const found = data?.dataset.images.edges.map(({ node }) => node.fileName);
  expect(new Set(found)).toEqual(new Set(names));
});

it('captions of 100 kB, labels too long for an index, and a wrong column are told and cost nothing else', async () => {
  const folder = join(server.folder, 'long');
  const record = (value: unknown) => `${JSON.stringify(value)}\n`;
  await writeFiles(folder, {
    'a.jpg': await jpeg(patches(600)),
    'b.jpg': await jpeg(patches(601)),
    'c.jpg': await jpeg(patches(602)),
    'manifest.jsonl':
      record({ kind: 'image', file: 'a.jpg', captions: ['word '.repeat(20_000)] }) +
      record({ kind: 'image', file: 'b.jpg', class: 'x'.repeat(5000) }) +
      record({ kind: 'image', file: 'c.jpg', captions: ['fine'] }) +
      record({ kind: 'query', style: 'text', text: 'x'.repeat(100_000), target: 'c.jpg' }) +
      record({ kind: 'image', file: `${'y/'.repeat(3000)}.jpg` }),
  });
  const done = await importFrom(server, { path: folder });
  expect(done).toMatchObject({
    state: 'SUCCEEDED',
    total: 5,
    done: 5,
    dataset: { imageCount: 1, queryCount: 0 },
  });
  expect(done.rejects.map(({ code }) => code).sort()).toEqual([
    'CAPTION_TOO_LONG',
    'CAPTION_TOO_LONG',
    'LABEL_TOO_LONG',
    'NAME_TOO_LONG',
  ]);
  const csv = join(server.folder, 'wrong-column');
  await writeFiles(csv, { 'list.csv': 'foto,words\na.jpg,x\n', 'a.jpg': await jpeg(patches(603)) });
  const wrong = await importFrom(server, { path: csv }, { format: 'CSV', columns: { file: 'photo' } });
  expect(wrong).toMatchObject({
    state: 'FAILED',
    message: expect.stringContaining('Nothing could be taken'),
    rejects: [
      {
        path: 'list.csv:1',
        code: 'UNKNOWN_COLUMN',
        reason: 'expected a column "photo", got "foto", "words"',
      },
    ],
  });
});

it('names of attributes that no database can hold, and values nested without end, cost only themselves', async () => {
  const folder = join(server.folder, 'attributes');
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  await writeFiles(folder, {
    'a.jpg': await jpeg(patches(610)),
    'manifest.jsonl': [
      '{"kind":"image","file":"a.jpg","mo\\u0000od":"glad","x\\ud800":{"in\\u0000ner":["\\u0000"]}}',
      `{"kind":"image","file":"deep.jpg","nested":${deep}}`,
      `{"kind":"image","file":"deeper.jpg","captions":${deep}}`,
    ].join('\n'),
  });
  const done = await importFrom(server, { path: folder });
  expect(done).toMatchObject({ state: 'SUCCEEDED', message: null, dataset: { imageCount: 1 } });
  expect(done.codes).toEqual({
    'manifest.jsonl:2': 'ATTRIBUTES_TOO_LARGE',
    'manifest.jsonl:3': 'BAD_RECORD',
  });
  const { data } = await server.query(
    'query ($id: ID!) { dataset(id: $id) { images { edges { node { attributes { name value } } } } } }',
    { id: done.datasetId },
  );
  const attributes = [
    { name: 'mood', value: 'glad' },
    { name: 'x\uFFFD', value: '{"inner":[""]}' },
  ];
  expect(data).toEqual({ dataset: { images: { edges: [{ node: { attributes } }] } } });
  const csv = join(server.folder, 'csv-attributes');
  await writeFiles(csv, {
    'list.csv': 'file,caption,mo\0od\nb.jpg,x,glad\n',
    'b.jpg': await jpeg(patches(611)),
  });
  expect(await importFrom(server, { path: csv })).toMatchObject({ state: 'SUCCEEDED', codes: {} });
});

it('the reject file holds every refusal, streamed, and no cell that a spreadsheet would run', async () => {
  const folder = join(server.folder, 'formulas');
  await mkdir(folder);
  for (let i = 0; i < 620; i++) await writeFile(join(folder, `words ${i}.jpg`), 'no picture');
  await writeFile(join(folder, '=HYPERLINK("http:, x").jpg'), 'no picture');
  await writeFile(join(folder, '@a, "b"\n.jpg'), 'no picture');
  await writeFile(join(folder, 'good.jpg'), await jpeg(patches(700)));
  const done = await importFrom(server, { path: folder });
  expect(done.states).toEqual({ EMBEDDED: 1, REJECTED: 622 });
  const response = await fetch(`${server.url}${done.rejectsUrl}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename="rejects-[0-9a-f-]+\.csv"$/,
  );
  const text = Buffer.from(await response.arrayBuffer()).toString('utf8');
  const rows = text.split('\r\n');
  expect(rows[0]).toBe('\uFEFFpath,state,code,reason');
  expect(rows.filter((row) => row !== '')).toHaveLength(623);
  expect(text).toContain('"\'=HYPERLINK(""http:, x"").jpg","REJECTED","NOT_AN_IMAGE","expected a JPEG');
  expect(text).toContain('"\'@a, ""b""\n.jpg"');
  const stranger = await fetch(`${server.url}${done.rejectsUrl}`, {
    headers: { 'x-forwarded-for': '203.0.113.1' },
  });
  expect(stranger.status).toBe(401);
  expect((await fetch(`${server.url}/jobs/nonsense/rejects.csv`)).status).toBe(404);
});
