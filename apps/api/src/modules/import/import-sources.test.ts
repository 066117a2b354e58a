// Over 400 lines: one server, which takes seconds to start, imports from every kind of source.
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importFrom, readLedger, startImport } from '../../testing/import-client.js';
import { jpeg, patches, png, writeFiles } from '../../testing/pictures.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';
import { zipBytes } from '../../testing/zip-bytes.js';

let server: TestServer;
let encoded = 0;
beforeAll(async () => {
  server = await startTestServer({
    model: createTestEncoder({
      onBatch: (images) => {
        encoded += images.length;
      },
    }),
  });
});
afterAll(() => server?.dispose());

const at = (name: string) => join(server.folder, name);
const photo = (seed: number) => jpeg(patches(seed));
const lines = (...records: unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');

describe('queries of a dataset folder', () => {
  it('are kept beside the photos that they mean, each that cannot be with its reason', async () => {
    const folder = at('queries');
    const broken = await photo(3);
    await writeFiles(folder, {
      'manifest.jsonl': lines(
        { kind: 'query', style: 'sketch', file: 's/a.png', target: 'a.jpg', split: 'val' },
        { kind: 'query', style: 'text', text: 'a dog', target: 'a.jpg' },
        { kind: 'query', style: 'text', text: 'a dog', target: 'a.jpg' },
        { kind: 'query', style: 'text', text: 'a dog', target: 'copy.jpg' },
        { kind: 'query', style: 'sketch', file: 's/b.png', class: 'dog' },
        { kind: 'query', style: 'sketch', file: 's/c.png', target: 'nowhere.jpg' },
        { kind: 'query', style: 'sketch', file: 's/d.png', target: 'broken.jpg' },
        { kind: 'query', style: 'sketch', file: 's/cut.jpg', target: 'a.jpg' },
        { kind: 'image', file: 'a.jpg', class: 'dog' },
        { kind: 'image', file: 'copy.jpg' },
        { kind: 'image', file: 'broken.jpg' },
      ),
      'a.jpg': await photo(1),
      'copy.jpg': await photo(1),
      'broken.jpg': broken.subarray(0, broken.length / 2),
      's/a.png': await png(patches(10)),
      's/b.png': await png(patches(11)),
      's/c.png': await png(patches(12)),
      's/d.png': await png(patches(13)),
      's/cut.jpg': broken.subarray(0, broken.length / 2),
    });
    const first = await importFrom(server, { path: folder });
    expect(first).toMatchObject({
      state: 'SUCCEEDED',
      total: 11,
      done: 11,
      states: { EMBEDDED: 1, DUPLICATE: 1, STORED: 4, REJECTED: 5 },
      dataset: { imageCount: 1, queryCount: 4 },
    });
    expect(first.codes).toEqual({
      'copy.jpg': 'DUPLICATE',
      'broken.jpg': 'TRUNCATED',
      'manifest.jsonl:3': 'LISTED_TWICE',
      's/c.png': 'TARGET_MISSING',
      's/d.png': 'TARGET_MISSING',
      's/cut.jpg': 'TRUNCATED',
    });
    const reasons = Object.fromEntries(first.rejects.map(({ path, reason }) => [path, reason]));
    expect(reasons['s/c.png']).toBe('its target "nowhere.jpg" is no photo of this dataset');
    expect(reasons['s/d.png']).toContain('its photo "broken.jpg" was not taken: ');

    const again = await importFrom(server, { path: folder });
    expect(again).toMatchObject({ states: first.states, dataset: first.dataset });

    // A target that the list corrects is corrected; the rest stays.
    const manifest = join(folder, 'manifest.jsonl');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('nowhere.jpg', 'a.jpg'));
    const third = await importFrom(server, { path: folder });
    expect(third.states).toMatchObject({ STORED: 5, REJECTED: 4 });
    expect(third.dataset).toMatchObject({ imageCount: 1, indexedCount: 1, queryCount: 5 });
  });

  it('that the listing refused keep their reason when the failed ones are tried again', async () => {
    const folder = at('retried');
    await writeFiles(folder, {
      'manifest.jsonl': `${lines({ kind: 'image', file: 'a.jpg' })}{"kind":`,
      'a.jpg': await photo(30),
    });
    const first = await importFrom(server, { path: folder });
    await server.query('mutation ($id: ID!) { retryFailed(jobId: $id) { __typename } }', { id: first.jobId });
    const [, rowId = ''] = Buffer.from(first.jobId, 'base64').toString('utf8').split(':');
    for await (const _job of server.services.jobs.watch(rowId));
    const retried = await readLedger(server, first.jobId);
    expect(retried).toMatchObject({ state: 'SUCCEEDED', total: 2, done: 2, rejects: first.rejects });
  });
});

it('a photo that a curator deleted stays deleted when it comes again, also from elsewhere', async () => {
  const folder = at('deleted');
  await writeFiles(folder, { 'keep.jpg': await photo(40), 'drop.jpg': await photo(41) });
  const { datasetId } = await importFrom(server, { path: folder });
  const images =
    'query ($id: ID!) { dataset(id: $id) { indexedCount images { edges { node { id fileName } } } } }';
  const { data } = await server.query<{
    dataset: { images: { edges: { node: { id: string; fileName: string } }[] } };
  }>(images, { id: datasetId });
  const drop = data?.dataset.images.edges.find(({ node }) => node.fileName === 'drop.jpg')?.node.id;
  const change = await server.query(
    `mutation ($input: ChangeImagesInput!) { changeImages(input: $input) { __typename } }`,
    { input: { selection: { datasetId, ids: [drop] }, delete: true } },
  );
  expect(change.data).toEqual({ changeImages: { __typename: 'ChangeImagesSuccess' } });
  encoded = 0;
  const again = await importFrom(server, { path: folder });
  expect(again.codes).toEqual({ 'drop.jpg': 'DELETED' });
  expect(again.rejects[0]?.reason).toMatch(/^a curator deleted this photo on \d{4}-/);
  await writeFile(at('other.zip'), zipBytes([{ name: 'renamed.jpg', content: await photo(41) }]));
  const elsewhere = await importFrom(server, { path: at('other.zip') }, { datasetId });
  expect(elsewhere.codes).toEqual({ 'renamed.jpg': 'DELETED' });
  expect(encoded).toBe(0);
  expect(elsewhere.dataset.indexedCount).toBe(1);
});

it('what a curator put right is not undone by a list that says what it said before', async () => {
  const folder = at('corrected');
  const manifest = lines({ kind: 'image', file: 'a.jpg', captions: ['a dgo'] });
  await writeFiles(folder, { 'manifest.jsonl': manifest, 'a.jpg': await photo(50) });
  const { datasetId } = await importFrom(server, { path: folder });
  const images = 'query ($id: ID!) { dataset(id: $id) { images { edges { node { id captions } } } } }';
  type Images = { dataset: { images: { edges: { node: { id: string; captions: string[] } }[] } } };
  const photoNow = async () =>
    (await server.query<Images>(images, { id: datasetId })).data?.dataset.images.edges[0]?.node;
  await server.query(
    'mutation ($id: ID!) { setCaptions(imageId: $id, captions: ["a dog"]) { __typename } }',
    { id: (await photoNow())?.id },
  );
  // Written again: the same photo and list, of a newer date.
  await rm(folder, { recursive: true });
  await writeFiles(folder, { 'manifest.jsonl': manifest, 'a.jpg': await photo(50) });
  await importFrom(server, { path: folder });
  expect((await photoNow())?.captions).toEqual(['a dog']);
});

it('importing again moves neither a photo nor its query, and a corrected caption corrects the caption alone', async () => {
  const folder = at('moved');
  const manifest = (caption: string, ...first: unknown[]) =>
    lines(
      ...first,
      { kind: 'query', style: 'text', text: 'a dog', target: 'a.jpg', class: 'dog', split: 'train' },
      { kind: 'query', style: 'sketch', file: 's.png', target: 'a.jpg', class: 'dog', split: 'train' },
      { kind: 'image', file: 'a.jpg', captions: [caption], class: 'dog', split: 'train' },
    );
  const write = async (text: string) =>
    writeFiles(folder, {
      'manifest.jsonl': text,
      'a.jpg': await photo(51),
      's.png': await png(patches(52)),
    });
  await write(manifest('a dgo'));
  const { datasetId } = await importFrom(server, { path: folder });
  const place = { class: 'puppy', split: 'val' };
  await server.query('mutation ($input: ChangeImagesInput!) { changeImages(input: $input) { __typename } }', {
    input: { selection: { datasetId }, ...place },
  });
  const moved = async () => {
    const { data } = await server.query<{
      dataset: { images: { edges: { node: { queries: { edges: { node: object }[] } } }[] } };
    }>(
      `query ($id: ID!) { dataset(id: $id) { images { edges { node { captions class split
         queries { edges { node { text class split } } } } } } } }`,
      { id: datasetId },
    );
    return data?.dataset.images.edges.map(({ node: { queries, ...node } }) => ({
      ...node,
      queries: queries.edges.map(({ node }) => node),
    }));
  };
  const queries = expect.arrayContaining([
    { text: 'a dog', ...place },
    { text: null, ...place },
  ]);
  expect(await moved()).toEqual([{ captions: ['a dgo'], ...place, queries }]);
  await importFrom(server, { path: folder });
  expect(await moved()).toEqual([{ captions: ['a dgo'], ...place, queries }]);
  // Read anew, with a line above that moves the others down.
  await rm(folder, { recursive: true });
  const line = { kind: 'query', style: 'text', text: 'a cat', class: 'cat', split: 'test' };
  await write(manifest('a dog', line));
  await importFrom(server, { path: folder });
  expect(await moved()).toEqual([{ captions: ['a dog'], ...place, queries }]);
  // What the list itself changes is changed.
  await write(manifest('a dog').replaceAll('train', 'test'));
  await importFrom(server, { path: folder });
  const now = { class: 'puppy', split: 'test' };
  expect(await moved()).toMatchObject([
    { ...now, queries: expect.arrayContaining([{ text: 'a dog', ...now }]) },
  ]);
});

it('captions that a list brings for photos that are there already are not brought again over those of a curator', async () => {
  await writeFiles(at('photos-first'), { 'photos/late.jpg': await photo(53) });
  const { datasetId } = await importFrom(server, { path: at('photos-first') });
  await writeFiles(at('captions-later'), { 'list.csv': 'file,caption\nlate.jpg,a dgo\n' });
  const images = 'query ($id: ID!) { dataset(id: $id) { images { edges { node { id captions } } } } }';
  type Images = { dataset: { images: { edges: { node: { id: string; captions: string[] } }[] } } };
  const photoNow = async () =>
    (await server.query<Images>(images, { id: datasetId })).data?.dataset.images.edges[0]?.node;
  await importFrom(server, { path: at('captions-later') }, { datasetId });
  expect((await photoNow())?.captions).toEqual(['a dgo']);
  await server.query(
    'mutation ($id: ID!) { setCaptions(imageId: $id, captions: ["a dog"]) { __typename } }',
    { id: (await photoNow())?.id },
  );
  // The list is changed elsewhere.
  await writeFiles(at('captions-later'), { 'list.csv': 'file,caption,mood\nlate.jpg,a dgo,glad\n' });
  await importFrom(server, { path: at('captions-later') }, { datasetId });
  expect((await photoNow())?.captions).toEqual(['a dog']);
});

describe('other layouts', () => {
  it('DSR and ImageNet-X come with their photos, captions and queries', async () => {
    await writeFiles(at('dsr'), {
      'train.json': JSON.stringify([{ image: 'x/1.jpg' }, { image: 'x/lost.jpg' }]),
      'test.json': JSON.stringify([{ image: 'x/2.jpg' }]),
      'images/x/1.jpg': await photo(60),
      'images/x/2.jpg': await photo(61),
      'sketch/x/1.png': await png(patches(62)),
      'art/x/2.jpg': await photo(63),
      'text/x/1.txt': 'a caption',
    });
    const dsr = await importFrom(server, { path: at('dsr') });
    expect(dsr).toMatchObject({ state: 'SUCCEEDED', dataset: { imageCount: 2, queryCount: 2 } });
    expect(dsr.codes).toEqual({ 'train.json[1]': 'FILE_MISSING' });
    // Where the server keeps its folders is not told.
    expect(JSON.stringify(dsr.rejects)).not.toContain(server.folder);
    await writeFiles(at('imagenet-x'), {
      'art_test.json': JSON.stringify([{ classname: 'dog', origin_image: 'o/1.jpg', art_image: 'a/1.jpg' }]),
      'o/1.jpg': await photo(64),
      'a/1.jpg': await photo(65),
    });
    const imageNetX = await importFrom(server, { path: at('imagenet-x') });
    expect(imageNetX).toMatchObject({ rejects: [], dataset: { imageCount: 1, queryCount: 1 } });
    expect(await importFrom(server, { path: at('imagenet-x') })).toMatchObject({
      dataset: imageNetX.dataset,
    });
  });
});

describe('a preview', () => {
  const PREVIEW = `query ($input: ImportInput!) { previewImport(input: $input) { __typename
    ... on Error { message } ... on ImportPreview {
      format formats photoCount queryCount captionCount checkedCount partial columns rows problemCount
      classes { value count } splits { value count } styles { value count } problems { path code }
      samples { path captions class split style target } } } }`;
  const preview = async (input: unknown) => {
    const { data, errors } = await server.query<{ previewImport: Record<string, unknown> }>(PREVIEW, {
      input,
    });
    if (!data) throw new Error(JSON.stringify(errors));
    return data.previewImport;
  };
  const datasets = async () =>
    (await server.query<{ datasets: { totalCount: number } }>('{ datasets { totalCount } }')).data?.datasets;

  it('counts what an archive would bring and finds its faults, and stores nothing', async () => {
    const before = await datasets();
    const content = lines(
      { kind: 'image', file: 'a.jpg', captions: ['one', 'two'], class: 'dog', split: 'train' },
      { kind: 'image', file: 'b.jpg' },
      { kind: 'query', style: 'sketch', file: 's.png', target: 'a.jpg' },
      { kind: 'query', style: 'sketch', file: 's2.png', target: 'gone.jpg' },
    );
    await writeFile(
      at('preview.zip'),
      zipBytes([
        { name: 'set/manifest.jsonl', content },
        { name: 'set/a.jpg', content: await photo(70) },
        { name: 'set/b.jpg', content: 'no picture' },
        { name: 'set/s.png', content: await png(patches(71)) },
        { name: 'set/s2.png', content: await png(patches(72)) },
        { name: '../out.jpg', content: await photo(73) },
      ]),
    );
    expect(await preview({ source: { path: at('preview.zip') } })).toEqual({
      __typename: 'ImportPreview',
      format: 'DATASET_FOLDER',
      formats: expect.arrayContaining(['DATASET_FOLDER', 'PLAIN']),
      // Without b.jpg, which was opened and is no picture.
      photoCount: 1,
      queryCount: 2,
      captionCount: 2,
      checkedCount: 4,
      partial: false,
      columns: [],
      rows: [],
      classes: [{ value: 'dog', count: 1 }],
      splits: [{ value: 'train', count: 1 }],
      styles: [{ value: 'sketch', count: 2 }],
      problemCount: 3,
      problems: expect.arrayContaining([
        { path: '../out.jpg', code: 'PATH_OUTSIDE' },
        { path: 'b.jpg', code: 'NOT_AN_IMAGE' },
        { path: 's2.png', code: 'TARGET_MISSING' },
      ]),
      samples: [
        { path: 'a.jpg', captions: ['one', 'two'], class: 'dog', split: 'train', style: null, target: null },
        { path: 's.png', captions: [], class: null, split: null, style: 'sketch', target: 'a.jpg' },
        { path: 's2.png', captions: [], class: null, split: null, style: 'sketch', target: 'gone.jpg' },
      ],
    });
    expect(await datasets()).toEqual(before);
    expect(await readdir(join(server.folder, 'data', 'staging')).catch(() => [])).toEqual([]);
  });

  it('of an archive of 60,000 empty entries looks at the beginning alone, within seconds, and says so', async () => {
    const entries = Array.from({ length: 60_000 }, (_, i) => ({ name: `${i}.jpg`, content: '' }));
    await writeFile(at('many.zip'), zipBytes(entries));
    const started = performance.now();
    const seen = await preview({ source: { path: at('many.zip') } });
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(seen).toMatchObject({ __typename: 'ImportPreview', partial: true });
    expect(Number(seen.photoCount) + Number(seen.problemCount)).toBeLessThanOrEqual(5000);
    expect(await readdir(join(server.folder, 'data', 'staging')).catch(() => [])).toEqual([]);
  });

  it('shows the columns of a CSV file whatever it is read as, and takes a mapping', async () => {
    await writeFiles(at('columns'), { 'list.csv': 'foto,words\na.jpg,hello\n', 'a.jpg': await photo(74) });
    const source = { path: at('columns') };
    const columns = { columns: ['foto', 'words'], rows: [['a.jpg', 'hello']] };
    expect(await preview({ source, format: 'CSV' })).toMatchObject({
      ...columns,
      problemCount: 1,
      photoCount: 0,
    });
    const mapped = await preview({ source, columns: { file: 'foto', caption: 'words' } });
    expect(mapped).toMatchObject({
      ...columns,
      format: 'CSV',
      photoCount: 1,
      captionCount: 1,
      problemCount: 0,
    });
  });

  it('is refused with a message where there is nothing to look at', async () => {
    await mkdir(at('unused'), { recursive: true });
    await writeFile(at('broken.zip'), 'no archive');
    expect(await preview({ source: { path: at('broken.zip') } })).toMatchObject({
      __typename: 'ValidationError',
      message: expect.stringContaining('damaged'),
    });
  });
});

const LIST = { urls: ['http://a.test/'] };

describe('a source', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['none', { source: {} }, 'ValidationError'],
    ['two at once', { source: { path: '/tmp', urls: ['http://a.test/'] } }, 'ValidationError'],
    ['a file that is no archive', { source: { path: '/etc/hostname' } }, 'ValidationError'],
    ['a place that is not there', { source: { path: '/no/such.zip' } }, 'NotFoundError'],
    ['no address', { source: { urls: [' '] }, name: 'x' }, 'ValidationError'],
    ['addresses for no dataset', { source: { urls: ['http://a.test/'] } }, 'ValidationError'],
    [
      'a description that cannot be stored',
      { source: LIST, name: 'x', description: 'a\0' },
      'ValidationError',
    ],
    ['a column that cannot be', { source: LIST, name: 'x', columns: { file: 'a\ud800' } }, 'ValidationError'],
    [
      'an address that cannot be',
      { source: { urls: ['http://a.test/\ud800'] }, name: 'x' },
      'ValidationError',
    ],
    ['a name that cannot be stored', { source: LIST, name: 'a\ud800' }, 'ValidationError'],
    ['an upload that is not there', { source: { uploadSessionId: 'x' } }, 'NotFoundError'],
  ])('of %s is refused as data', async (_name, input, expected) => {
    expect((await startImport(server, input)).__typename).toBe(expected);
  });
});

const DATA =
  process.env.FREESTYLE_DATA ?? fileURLToPath(new URL('../../../../../../shared/data', import.meta.url));
const hasData = existsSync(join(DATA, 'pacs')) && existsSync(join(DATA, 'flickr8k'));

interface ManifestLine {
  kind: string;
  file?: string;
  target?: string;
  class?: string;
  captions?: string[];
}

describe.skipIf(!hasData)('research data (skipped where it is missing)', () => {
  /** The first photos of a dataset with all that belongs to them, as a folder of its own. */
  async function part(name: string, photos: number): Promise<ManifestLine[]> {
    const text = await readFile(join(DATA, name, 'manifest.jsonl'), 'utf8');
    const all = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ManifestLine]));
    const chosen = new Set(
      all
        .filter(({ kind }) => kind === 'image')
        .slice(0, photos)
        .map(({ file }) => file),
    );
    const classLevel = all
      .filter(({ kind, target }) => kind === 'query' && target === undefined)
      .slice(0, 20);
    const kept = all.filter(
      ({ file, target }) => chosen.has(file) || (target !== undefined && chosen.has(target)),
    );
    const records = [...kept, ...classLevel];
    for (const { file } of records) {
      if (file === undefined) continue;
      await mkdir(dirname(join(at(name), file)), { recursive: true });
      await cp(join(DATA, name, file), join(at(name), file));
    }
    await writeFile(join(at(name), 'manifest.jsonl'), lines(...records));
    return records;
  }

  it.each(['pacs', 'flickr8k'])(
    'imports by its manifest, whole, and again without a change: %s',
    async (name) => {
      const records = await part(name, 60);
      const first = await importFrom(server, { path: at(name) });
      const images = records.filter(({ kind }) => kind === 'image').length;
      expect(first).toMatchObject({
        state: 'SUCCEEDED',
        total: records.length,
        done: records.length,
        dataset: { imageCount: images, indexedCount: images, queryCount: records.length - images },
        rejects: [],
      });
      encoded = 0;
      const second = await importFrom(server, { path: at(name) });
      expect(second).toMatchObject({ states: first.states, dataset: first.dataset });
      expect(encoded).toBe(0);
    },
  );
});
