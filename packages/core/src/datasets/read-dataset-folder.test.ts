import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { captionQueries, isTextQuery, relevanceOf } from './dataset.js';
import { type FixtureFiles, makeFixtureFolder, picture } from './fixture-folder.js';
import { readDatasetFolder, streamManifest } from './read-dataset-folder.js';
import { openDatasetWriter } from './write-dataset-folder.js';

const removals: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of removals.splice(0)) await remove();
});
async function fixture(files: FixtureFiles): Promise<string> {
  const { dir, remove } = await makeFixtureFolder(files);
  removals.push(remove);
  return dir;
}
const manifest = (...lines: (object | string)[]): string =>
  lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');

const good = manifest(
  {
    kind: 'image',
    file: 'images/a.png',
    captions: ['a dog', 'a brown dog'],
    class: 'dog',
    split: 'train',
    licence: 'CC0',
  },
  { kind: 'image', file: 'images/b.png', class: 'cat', split: 'val' },
  { kind: 'image', file: 'images/c.png' },
  '',
  { kind: 'query', style: 'sketch', file: 's/b.png', target: 'images/b.png', split: 'val' },
  { kind: 'query', style: 'text', text: 'something furry', class: 'dog', split: 'train', source: 7 },
);
const goodFiles: FixtureFiles = {
  'manifest.jsonl': good,
  'images/a.png': picture,
  'images/b.png': picture,
  'images/c.png': picture,
  's/b.png': picture,
};

describe('readDatasetFolder', () => {
  it('reads images, queries, splits and keeps unknown keys as attributes', async () => {
    const dir = await fixture(goodFiles);
    const dataset = await readDatasetFolder(dir);
    expect(dataset.images.map((image) => image.file)).toEqual([
      'images/a.png',
      'images/b.png',
      'images/c.png',
    ]);
    expect(dataset.images[0]).toMatchObject({
      path: join(dir, 'images/a.png'),
      captions: ['a dog', 'a brown dog'],
      attributes: { licence: 'CC0' },
    });
    expect(dataset.splits).toEqual(['train', 'val']);
    expect(dataset.queries.map(isTextQuery)).toEqual([false, true]);
    expect(dataset.queries[1]?.attributes).toEqual({ source: 7 });
  });

  it('a split takes its own records and those that name none', async () => {
    const dataset = await readDatasetFolder(await fixture(goodFiles), { split: 'val' });
    expect(dataset.images.map((image) => image.file)).toEqual(['images/b.png', 'images/c.png']);
    expect(dataset.queries.map((query) => query.style)).toEqual(['sketch']);
  });

  it('takes a byte-order mark and Windows line ends', async () => {
    const dir = await fixture({ ...goodFiles, 'manifest.jsonl': `\uFEFF${good.replaceAll('\n', '\r\n')}` });
    expect((await readDatasetFolder(dir)).images).toHaveLength(3);
  });

  it('a line ends at a line feed and at no other sign that JSON may hold', async () => {
    const record = {
      kind: 'image',
      file: 'images/a.png',
      captions: ['one\u2028two\u2029three\u0085four\vfive'],
    };
    const dir = await fixture({ 'images/a.png': 'x', 'manifest.jsonl': `${JSON.stringify(record)}\n` });
    expect((await readDatasetFolder(dir)).images[0]?.captions).toEqual(record.captions);
  });

  const image = { kind: 'image', file: 'images/a.png', split: 'train' };
  it.each([
    [
      'a line that is not JSON',
      [image, '{"kind": "image", '],
      'BAD_JSON',
      /manifest\.jsonl:2: expected one JSON object/,
    ],
    [
      'a line that is no object',
      [image, '[1]'],
      'BAD_RECORD',
      /manifest\.jsonl:2: expected a JSON object, got \[1\]/,
    ],
    [
      'an unknown kind',
      [image, { kind: 'video', file: 'v' }],
      'UNKNOWN_KIND',
      /:2: "kind": expected "image" or "query", got "video"/,
    ],
    ['an image without a file', [{ kind: 'image' }], 'BAD_RECORD', /:1: an image needs "file"/],
    [
      'captions that are no list',
      [{ ...image, captions: 'a dog' }],
      'BAD_RECORD',
      /"captions": expected a list, got "a dog"/,
    ],
    [
      'a caption that is no text',
      [{ ...image, captions: ['x', 3] }],
      'BAD_RECORD',
      /"captions"\[1\]: expected words, got 3/,
    ],
    [
      'a query with neither file nor text',
      [image, { kind: 'query', style: 'art' }],
      'BAD_RECORD',
      /:2: .*got neither/,
    ],
    [
      'a query with both',
      [image, { kind: 'query', style: 'art', file: 'a.png', text: 'x' }],
      'BAD_RECORD',
      /got both/,
    ],
    [
      'a path that climbs out',
      [{ kind: 'image', file: 'images/../../x.png' }],
      'PATH_OUTSIDE',
      /leaves the dataset's folder/,
    ],
    ['an absolute path', [{ kind: 'image', file: '/etc/passwd' }], 'PATH_OUTSIDE', /leaves/],
    ['a path with backslashes', [{ kind: 'image', file: 'images\\a.png' }], 'BAD_RECORD', /paths use "\/"/],
    [
      'a file that is not there',
      [image, { kind: 'image', file: 'images/z.png' }],
      'FILE_MISSING',
      /:2: "images\/z\.png": there is no such file/,
    ],
    ['a folder for a file', [{ kind: 'image', file: 'images' }], 'FILE_MISSING', /it is not a file/],
    ['an image listed twice', [image, image], 'DUPLICATE_IMAGE', /:2: .*already stands in line 1/],
    [
      'a target that is not there',
      [image, { kind: 'query', style: 'text', text: 'x', target: 'images/b.png' }],
      'TARGET_MISSING',
      /:2: target "images\/b\.png" is no image/,
    ],
  ])('complains about %s with file and line', async (_, lines, code, message) => {
    const dir = await fixture({ 'manifest.jsonl': manifest(...lines), 'images/a.png': picture });
    const failure = readDatasetFolder(dir);
    await expect(failure).rejects.toMatchObject({ name: 'DatasetError', code });
    await expect(failure).rejects.toThrow(message);
  });

  it('names the splits that there are when asked for another', async () => {
    const dir = await fixture(goodFiles);
    await expect(readDatasetFolder(dir, { split: 'test' })).rejects.toThrow(
      /no split "test"; it has: train, val/,
    );
  });

  it('refuses a query of a split whose target belongs to another', async () => {
    const lines = [image, { kind: 'query', style: 'text', text: 'x', target: 'images/a.png', split: 'val' }];
    const dir = await fixture({ 'manifest.jsonl': manifest(...lines), 'images/a.png': picture });
    await expect(readDatasetFolder(dir, { split: 'val' })).rejects.toThrow(/split "val".*to "train"/);
  });

  it('tells a missing folder from a folder without a manifest', async () => {
    await expect(readDatasetFolder(join(tmpdir(), 'freestyle-not-there'))).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
    });
    const dir = await fixture({ 'images/a.png': picture });
    await expect(readDatasetFolder(dir)).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
  });

  it('refuses a picture that a link fetches from outside the folder', async () => {
    const outside = await fixture({ 'secret.png': picture });
    const dir = await fixture({ 'manifest.jsonl': manifest({ kind: 'image', file: 'images/a.png' }) });
    await mkdir(join(dir, 'images'));
    await symlink(join(outside, 'secret.png'), join(dir, 'images/a.png'));
    await expect(readDatasetFolder(dir)).rejects.toMatchObject({ code: 'PATH_OUTSIDE' });
  });
});

describe('streamManifest', () => {
  it('gives the records before a bad line, then its error', async () => {
    const dir = await fixture({ 'manifest.jsonl': manifest({ kind: 'image', file: 'a.png' }, 'oops') });
    const seen: number[] = [];
    const drain = async (): Promise<void> => {
      for await (const { line } of streamManifest(dir)) seen.push(line);
    };
    await expect(drain()).rejects.toMatchObject({ code: 'BAD_JSON' });
    expect(seen).toEqual([1]);
  });
});

describe('relevance', () => {
  it('a caption means its photo, a class every photo of it, neither nothing', async () => {
    const dataset = await readDatasetFolder(await fixture(goodFiles));
    const relevant = relevanceOf(dataset);
    expect(captionQueries(dataset).map((query) => [query.text, relevant(query)])).toEqual([
      ['a dog', [0]],
      ['a brown dog', [0]],
    ]);
    expect(dataset.queries.map(relevant)).toEqual([[1], [0]]);
    expect(relevant({ kind: 'query', style: 'text', text: 'x', attributes: {} })).toEqual([]);
  });
});

describe('openDatasetWriter', () => {
  it('writes what the reader reads back, and no manifest before it is closed', async () => {
    const dir = await fixture({});
    const writer = await openDatasetWriter(dir);
    const bytes = Uint8Array.of(1, 2, 3);
    await writer.addImage({
      file: 'images/a.png',
      bytes,
      captions: ['one'],
      split: 'val',
      attributes: { seed: 4 },
    });
    await writer.addQuery({
      style: 'sketch',
      file: 'sketch/a.png',
      bytes,
      target: 'images/a.png',
      split: 'val',
    });
    await writer.addQuery({ style: 'text', text: 'uno', target: 'images/a.png' });
    await expect(readDatasetFolder(dir)).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
    await writer.close();
    const dataset = await readDatasetFolder(dir, { split: 'val' });
    expect(dataset.images[0]).toMatchObject({ captions: ['one'], attributes: { seed: 4 } });
    expect(dataset.queries).toHaveLength(2);
    expect([...(await readFile(join(dir, 'sketch/a.png')))]).toEqual([1, 2, 3]);
  });

  it('refuses a path that leaves the folder and an attribute that hides a field', async () => {
    const dir = await fixture({});
    const writer = await openDatasetWriter(dir);
    await expect(writer.addImage({ file: '../a.png', bytes: Uint8Array.of(1) })).rejects.toMatchObject({
      code: 'PATH_OUTSIDE',
    });
    expect(() => writer.addImage({ file: 'a.png', attributes: { split: 'x' } })).toThrow(/attribute "split"/);
    await writer.abort();
    await writeFile(join(dir, 'kept'), '');
  });
});
