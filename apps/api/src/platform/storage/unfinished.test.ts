import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../testing/test-server.js';
import { storeFile, sweepUnfinished, UNFINISHED } from './unfinished.js';

let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a file is there whole, and nothing unfinished stays where it could not be written', async () => {
  await storeFile(folder, join(folder, 'a/b/file'), Buffer.from('all of it'));
  expect(await readFile(join(folder, 'a/b/file'), 'utf8')).toBe('all of it');
  await mkdir(join(folder, 'a/taken/below'), { recursive: true });
  await expect(storeFile(folder, join(folder, 'a/taken'), Buffer.from('x'))).rejects.toThrow();
  expect(await readdir(join(folder, UNFINISHED))).toEqual([]);
});

it('what a killed process left is swept after an hour, what may still be written is not', async () => {
  const left = join(folder, UNFINISHED, 'left');
  await writeFile(left, 'half');
  await writeFile(join(folder, UNFINISHED, 'fresh'), 'half');
  const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(left, twoHoursAgo, twoHoursAgo);
  expect(await sweepUnfinished(folder)).toBe(1);
  expect(await readdir(join(folder, UNFINISHED))).toEqual(['fresh']);
  expect(await sweepUnfinished(join(folder, 'no such folder'))).toBe(0);
});
