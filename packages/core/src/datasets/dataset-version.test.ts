import { createHash } from 'node:crypto';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { datasetVersion, VERSION_NAME, versionProblem } from './dataset-version.js';
import { makeFixtureFolder, picture } from './fixture-folder.js';

const PHOTO = { kind: 'image', file: 'images/a.png', captions: ['one', 'two'], class: 'dog', split: 'train' };
const RECORDS: readonly Record<string, unknown>[] = [
  { ...PHOTO, tags: ['b', 'a'], camera: { iso: 100 } },
  { kind: 'image', file: 'images/b.png', split: 'val' },
  {
    kind: 'query',
    style: 'sketch',
    file: 'sketch/a.png',
    target: 'images/a.png',
    maker: 'ink',
    strength: 0.5,
  },
  { kind: 'query', style: 'text', text: 'a dog', target: 'images/a.png' },
];

let dir = '';
let remove: () => Promise<void>;
const write = (records: readonly object[]) =>
  writeFile(join(dir, 'manifest.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
const hash = async () => (await datasetVersion(dir)).hash;
/** The hash with one record changed. */
async function hashWith(index: number, change: object): Promise<string | null> {
  await write(RECORDS.map((record, i) => (i === index ? { ...record, ...change } : record)));
  return hash();
}

beforeEach(async () => {
  ({ dir, remove } = await makeFixtureFolder({
    'images/a.png': picture,
    'images/b.png': picture,
    'sketch/a.png': picture,
  }));
  await write(RECORDS);
});
afterEach(() => remove());

describe('the content hash of a dataset folder', () => {
  it('is sha256 over the sorted hashes of its entries, as documented', async () => {
    const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
    const [a = '', b = '', sketch = ''] = await Promise.all(
      ['images/a.png', 'images/b.png', 'sketch/a.png'].map(async (file) =>
        sha256(await readFile(join(dir, file))),
      ),
    );
    const entries = [
      `${a}\n{"kind": "image", "tags": ["a", "b"], "class": "dog", "split": "train", "captions": ["one", "two"], "attributes": {"camera": {"iso": 100}}}`,
      `${b}\n{"kind": "image", "tags": [], "class": null, "split": "val", "captions": [], "attributes": {}}`,
      `${sketch}\n{"kind": "query", "text": null, "class": null, "split": null, "style": "sketch", "target": "${a}", "attributes": {"maker": "ink", "strength": 0.5}}`,
      `\n{"kind": "query", "text": "a dog", "class": null, "split": null, "style": "text", "target": "${a}", "attributes": {}}`,
    ];
    expect(await hash()).toBe(sha256(entries.map(sha256).sort().join('\n')));
  });

  it('is the same wherever the folder lies, in any order of lines and keys, under any names of files', async () => {
    const before = await hash();
    await write([...RECORDS].reverse().map((record) => Object.fromEntries(Object.entries(record).reverse())));
    expect(await hash()).toBe(before);
    await rename(join(dir, 'images/a.png'), join(dir, 'images/moved.png'));
    await write(
      RECORDS.map((record) =>
        JSON.parse(JSON.stringify(record).replaceAll('images/a.png', 'images/moved.png')),
      ),
    );
    expect(await hash()).toBe(before);
    const elsewhere = `${dir}-elsewhere`;
    await cp(dir, elsewhere, { recursive: true });
    expect((await datasetVersion(elsewhere)).hash).toBe(before);
    await rm(elsewhere, { recursive: true });
  });

  it('is another one after any change: of words, labels, order of captions, a target, a pixel, a record', async () => {
    const seen = [
      await hash(),
      await hashWith(0, { captions: ['two', 'one'] }),
      await hashWith(0, { captions: ['one', 'Two'] }),
      await hashWith(0, { class: 'cat' }),
      await hashWith(0, { split: 'val' }),
      await hashWith(0, { tags: ['a'] }),
      await hashWith(0, { camera: { iso: 101 } }),
      await hashWith(2, { target: 'images/b.png' }),
      await hashWith(2, { strength: 0.6 }),
      await hashWith(2, { style: 'art' }),
      await hashWith(3, { text: 'a dog.' }),
    ];
    await write(RECORDS.slice(0, 3));
    seen.push(await hash());
    await write([...RECORDS, RECORDS[3] ?? {}]);
    seen.push(await hash());
    await write(RECORDS);
    const bytes = await readFile(join(dir, 'sketch/a.png'));
    await writeFile(join(dir, 'sketch/a.png'), Buffer.concat([bytes, Buffer.of(0)]));
    seen.push(await hash());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('cannot be told where a picture is missing, and that is said', async () => {
    await rm(join(dir, 'images/b.png'));
    const version = await datasetVersion(dir);
    expect(version.hash).toBeNull();
    expect(versionProblem(version)).toContain('pictures that its manifest lists are missing');
  });
});

describe('a folder that says which version it is', () => {
  const record = (contentHash: string) =>
    JSON.stringify({
      format: 'freestyle-dataset-version',
      dataset: 'Pets',
      number: 3,
      name: null,
      contentHash,
      createdAt: '2026-11-25T00:00:00.000Z',
    });

  it('is believed as long as its content fits, and told apart from it when one caption was changed', async () => {
    await writeFile(join(dir, VERSION_NAME), record((await hash()) ?? ''));
    const fits = await datasetVersion(dir);
    expect(fits.recorded).toEqual({ dataset: 'Pets', number: 3, contentHash: fits.hash });
    expect(versionProblem(fits)).toBeNull();
    await hashWith(0, { captions: ['one', 'three'] });
    const changed = await datasetVersion(dir);
    expect(changed.hash).not.toBe(fits.hash);
    expect(versionProblem(changed)).toMatch(/no longer version 3 of "Pets".*changed after the export/s);
  });

  it.each(['{', '{}', record('nonsense')])('is refused where that file is broken: %s', async (text) => {
    await writeFile(join(dir, VERSION_NAME), text);
    await expect(datasetVersion(dir)).rejects.toThrow(VERSION_NAME);
  });
});
