import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FinishedImport, importFrom } from '../../testing/import-client.js';
import { jpeg, patches } from '../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';
import { zipBytes } from '../../testing/zip-bytes.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({});
});
afterAll(() => server.dispose());

interface Preview {
  format: string;
  photoCount: number;
  captionCount: number;
  problems: { path: string; code: string; reason: string }[];
  passedOver: { reason: string; count: number; example: string }[];
  lists: { path: string; encoding: string }[];
}

let pictures = 0;
const photo = () => jpeg(patches(++pictures));

async function write(folder: string, files: Record<string, string | Uint8Array | null>): Promise<string> {
  const root = join(server.folder, folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content ?? (await photo()));
  }
  return root;
}

async function preview(path: string, more: Record<string, unknown> = {}): Promise<Preview> {
  const { data, errors } = await server.query<{ previewImport: Preview }>(
    `query ($input: ImportInput!) { previewImport(input: $input) { ... on Error { code message }
       ... on ImportPreview { format photoCount captionCount problems { path code reason }
         passedOver { reason count example } lists { path encoding } } } }`,
    { input: { source: { path }, ...more } },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.previewImport;
}

/** What is in the dataset: captions by name. */
async function photosOf({ datasetId }: FinishedImport): Promise<Record<string, string[]>> {
  const { data } = await server.query<{
    dataset: { images: { edges: { node: { fileName: string; captions: string[] } }[] } };
  }>('query ($id: ID!) { dataset(id: $id) { images(first: 50) { edges { node { fileName captions } } } } }', {
    id: datasetId,
  });
  const edges = data?.dataset.images.edges ?? [];
  return Object.fromEntries(edges.map(({ node }) => [node.fileName, node.captions]));
}

const log = async ({ jobId }: FinishedImport) => {
  const { data } = await server.query<{ job: { log: { edges: { node: { text: string } }[] } } }>(
    'query ($id: ID!) { job(id: $id) { log(first: 50) { edges { node { text } } } } }',
    { id: jobId },
  );
  return (data?.job.log.edges ?? []).map(({ node }) => node.text).join('\n');
};

describe('a folder as network storage leaves it', () => {
  const files = {
    'holiday/IMG_1.jpg': null,
    'holiday/@eaDir/IMG_1.jpg/SYNOPHOTO_THUMB_M.jpg': 'x',
    'holiday/ehthumbs.db': 'x',
    'holiday/Picasa.ini': 'x',
    '@Recycle/old.jpg': 'x',
    '#recycle/old.jpg': 'x',
    '$RECYCLE.BIN/old.jpg': 'x',
    'lost+found/old.jpg': 'x',
    '._IMG_1.jpg': 'x',
    '.DS_Store': 'x',
    'Desktop.ini': 'x',
  };

  it('gives the photos alone; what was left there is counted, from a folder and from a zip alike', async () => {
    const folder = await write('storage', files);
    const zip = join(server.folder, 'storage.zip');
    const content = await photo();
    await writeFile(
      zip,
      zipBytes(Object.entries(files).map(([name, own]) => ({ name, content: own ?? content }))),
    );
    for (const path of [folder, zip]) {
      const seen = await preview(path);
      expect(seen, path).toMatchObject({ photoCount: 1, problems: [] });
      expect(Object.fromEntries(seen.passedOver.map(({ reason, count }) => [reason, count]))).toEqual({
        SYSTEM: 8,
        HIDDEN: 2,
      });
      const done = await importFrom(server, { path });
      expect(Object.keys(await photosOf(done))).toEqual(['holiday/IMG_1.jpg']);
      expect(await log(done)).toMatch(/8 files were passed over. Left by an operating system/);
    }
  });
});

describe('what lies beside a list', () => {
  it('is told picture by picture, and taken without captions where that is asked for', async () => {
    const path = await write('unlisted', {
      'captions.csv': 'file,caption\na.jpg,one\nz.jpg,gone\n',
      'a.jpg': null,
      'b.jpg': null,
      'c.jpg': null,
      'notes.txt': 'x',
    });
    const seen = await preview(path);
    const codes = Object.fromEntries(seen.problems.map(({ path: at, code }) => [at, code]));
    expect(codes).toEqual({ 'z.jpg': 'FILE_MISSING', 'b.jpg': 'NOT_LISTED', 'c.jpg': 'NOT_LISTED' });
    expect(seen.passedOver).toEqual([
      { reason: 'LIST', count: 1, example: 'captions.csv' },
      { reason: 'UNLISTED', count: 1, example: 'notes.txt' },
    ]);
    const first = await importFrom(server, { path });
    expect(first.codes).toEqual(codes);
    expect(await photosOf(first)).toEqual({ 'a.jpg': ['one'] });
    const all = await importFrom(server, { path }, { takeUnlisted: true });
    expect(await photosOf(all)).toEqual({ 'a.jpg': ['one'], 'b.jpg': [], 'c.jpg': [] });
    expect(all.codes).toEqual({ 'z.jpg': 'FILE_MISSING' });
  });
});

describe('a list that cannot be parsed', () => {
  it('ends the import as failed with file, line and column, and the preview says the same', async () => {
    const path = await write('broken', {
      'captions.json':
        '{"images": [{"id": 1, "file_name": "a.jpg"}],\n "annotations": [{"image_id": 1, "caption": NaN}]}',
      'a.jpg': null,
    });
    const seen = await preview(path);
    expect(seen).toMatchObject({ photoCount: 0, problems: [{ path: 'captions.json', code: 'BAD_JSON' }] });
    expect(seen.problems[0]?.reason).toMatch(/^captions\.json:2:\d+: not valid JSON: NaN is no value/);
    const done = await importFrom(server, { path });
    expect(done).toMatchObject({ state: 'FAILED', codes: { 'captions.json': 'BAD_JSON' } });
  });
});

describe('encodings', () => {
  it('are told in the preview, can be set, and no letter is lost', async () => {
    const caption = Buffer.from([...Buffer.from('file,caption\na.jpg,'), 0xea, 0xee, 0xf2, 10]);
    const path = await write('cyrillic', { 'captions.csv': caption, 'a.jpg': null });
    expect((await preview(path)).lists).toEqual([{ path: 'captions.csv', encoding: 'WINDOWS_1252' }]);
    const more = { encoding: 'WINDOWS_1251' };
    expect((await preview(path, more)).lists).toEqual([{ path: 'captions.csv', encoding: 'WINDOWS_1251' }]);
    expect(await photosOf(await importFrom(server, { path }, more))).toEqual({ 'a.jpg': ['кот'] });
  });
});

describe('names that are no UTF-8', () => {
  it('on disk are taken, each told apart, with the captions of a list in the same encoding', async () => {
    const root = await write('latin', {
      'captions.csv': Buffer.from('file,caption\ncaf\xe9.jpg,one\n', 'latin1'),
    });
    const raw = (name: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]);
    await writeFile(raw('caf\xe9.jpg'), await photo());
    await writeFile(raw('caf\xe8.jpg'), await photo());
    const done = await importFrom(server, { path: root }, { takeUnlisted: true });
    expect(done.rejects).toEqual([]);
    expect(await photosOf(done)).toEqual({ 'café.jpg': ['one'], 'cafè.jpg': [] });
  });

  it('in a tar are taken, each under a name of its own', async () => {
    const tar = pack();
    const marker = ['XX1.jpg', 'XX2.jpg'];
    for (const name of marker) tar.entry({ name }, Buffer.from(await photo()));
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    // The header's checksum is the sum of its bytes: what the name gains the mode's padding gives back.
    for (const [i, name] of marker.entries()) {
      const at = bytes.indexOf(name, 0, 'latin1');
      const header = bytes.subarray(at, at + 512);
      header.write(i === 0 ? '\xe9' : '\xe8', 0, 'latin1');
      header.fill(' ', 148, 156);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    }
    const path = join(server.folder, 'latin.tar');
    await writeFile(path, bytes);
    const done = await importFrom(server, { path });
    expect(Object.keys(await photosOf(done)).sort()).toEqual(['èX2.jpg', 'éX1.jpg']);
  });

  it('in a zip from a Japanese computer are read, and the preview shows them', async () => {
    const path = join(server.folder, 'sjis.zip');
    const name = Buffer.from('8365835883672e6a7067', 'hex');
    await writeFile(path, zipBytes([{ name, content: await photo(), flags: 0 }]));
    expect((await preview(path)).photoCount).toBe(1);
    expect(Object.keys(await photosOf(await importFrom(server, { path })))).toEqual(['テスト.jpg']);
  });
});

it('a hard link in a tar is the file that it points at, and one that points nowhere is told', async () => {
  const tar = pack();
  tar.entry({ name: 'a/first.jpg' }, Buffer.from(await photo()));
  tar.entry({ name: 'b/second.jpg', type: 'link', linkname: 'a/first.jpg' });
  tar.entry({ name: 'c/third.jpg', type: 'link', linkname: 'nowhere.jpg' });
  tar.entry({ name: 'd/fourth.jpg', type: 'link', linkname: '../../../etc/passwd' });
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const path = join(server.folder, 'links.tar');
  await writeFile(path, Buffer.concat(chunks));
  const done = await importFrom(server, { path });
  expect(done.states).toMatchObject({ EMBEDDED: 1, DUPLICATE: 1, REJECTED: 2 });
  expect(done.codes).toMatchObject({ 'c/third.jpg': 'LINK_IN_ARCHIVE', 'd/fourth.jpg': 'PATH_OUTSIDE' });
});

it('a camera raw file is refused as such, and a float TIFF has its brightness', async () => {
  const golden = (name: string) =>
    readFile(new URL(`../../../../../packages/core/golden/image/${name}`, import.meta.url));
  const path = await write('kinds', {
    'shot.nef': await golden('raw-nef.tif'),
    'shot.dng': await golden('raw-dng.tif'),
    'float.tif': await golden('flag-float.tif'),
  });
  const done = await importFrom(server, { path });
  expect(done.codes).toEqual({ 'shot.nef': 'CAMERA_RAW', 'shot.dng': 'CAMERA_RAW' });
  expect(Object.keys(await photosOf(done))).toEqual(['float.tif']);
});

it('an import that is made again says that nothing is new, or how much was there', async () => {
  const path = await write('again', { 'a.jpg': null, 'b.jpg': null });
  expect((await importFrom(server, { path })).message).toBeNull();
  expect((await importFrom(server, { path })).message).toBe(
    'Nothing new: 2 files are there from before, unchanged.',
  );
  await write('again', { 'c.jpg': null });
  expect((await importFrom(server, { path })).message).toBe(
    '2 of 3 files were there from before, unchanged.',
  );
});
