import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutputError, requireWritable } from './require-writable.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-writable-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('takes a folder that is there and one that can be made, and leaves nothing behind', async () => {
  await requireWritable(folder);
  await requireWritable(join(folder, 'not', 'yet', 'there'));
  expect(await readdir(folder)).toEqual([]);
});

it('refuses a place below a file by name', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(requireWritable(join(folder, 'file', 'bundle'))).rejects.toThrow(OutputError);
  await expect(requireWritable(join(folder, 'file', 'bundle'))).rejects.toThrow(
    /file is a file, expected a folder/,
  );
});

it('refuses a folder that takes no file', async () => {
  // The one place of every Linux where not even root may make a file.
  await expect(requireWritable('/proc')).rejects.toThrow(/output \/proc: cannot be written/);
});
