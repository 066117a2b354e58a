import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../testing/test-server.js';
import { zipBytes } from '../../../../testing/zip-bytes.js';
import { DEFAULT_ARCHIVE_LIMITS, EntryRefusal } from './archive-limits.js';
import { entryPath } from './entry-path.js';
import { stageArchive } from './staging.js';

let folder = '';
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = { limits: DEFAULT_ARCHIVE_LIMITS, signal: new AbortController().signal };

it('an archive that was left half unpacked is begun again; one that was finished is taken as it is', async () => {
  const archive = join(folder, 'a.zip');
  const staging = join(folder, 'staging');
  await writeFile(
    archive,
    zipBytes([
      { name: 'x/a.txt', content: 'whole' },
      { name: '../b.txt', content: 'no' },
    ]),
  );
  await mkdir(join(staging, 'files', 'x'), { recursive: true });
  await writeFile(join(staging, 'files', 'x', 'a.txt'), 'wh');
  await writeFile(join(staging, 'files', 'left-over.txt'), '');
  const first = await stageArchive(archive, staging, options);
  expect((await readdir(first.folder, { recursive: true })).sort()).toEqual(['x', 'x/a.txt']);
  await rm(archive);
  const second = await stageArchive(archive, staging, options);
  for (const { refusals } of [first, second]) {
    const refused = [];
    for await (const { path, refusal } of refusals()) refused.push([path, refusal?.code]);
    expect(refused).toEqual([['../b.txt', 'PATH_OUTSIDE']]);
  }
});

it('stops between two entries when it is told to, and does not count as finished', async () => {
  const archive = join(folder, 'a.zip');
  const names = Array.from({ length: 600 }, (_, i) => ({ name: `${i}.txt`, content: 'x' }));
  await writeFile(archive, zipBytes(names));
  const stopping = new AbortController();
  const onProgress = async () => stopping.abort();
  const staging = stageArchive(archive, join(folder, 's'), {
    ...options,
    signal: stopping.signal,
    onProgress,
  });
  await expect(staging).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readdir(join(folder, 's'))).not.toContain('complete');
  const again = await stageArchive(archive, join(folder, 's'), options);
  expect(await readdir(again.folder)).toHaveLength(600);
});

it.each([
  '../a',
  'a/../../b',
  '..',
  '..\\a',
  '/a',
  '\\a',
  'c:/a',
  'C:\\a',
  '//server/share',
  'a\0b',
  '.',
  '',
  `${'x'.repeat(256)}`,
  'y/'.repeat(2000),
])('a name that leads elsewhere, or nowhere, is no path: %j', (name) => {
  expect(() => entryPath(name)).toThrow(EntryRefusal);
});

it.each([
  ['a.jpg', 'a.jpg'],
  ['./x//y.jpg', 'x/y.jpg'],
  ['win\\dows.jpg', 'win/dows.jpg'],
  ['a..b/c...jpg', 'a..b/c...jpg'],
  ['日本/犬 🐕.jpg', '日本/犬 🐕.jpg'],
])('an honest name is kept: %j', (name, path) => {
  expect(entryPath(name)).toBe(path);
});
