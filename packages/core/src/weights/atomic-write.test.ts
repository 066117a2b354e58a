import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { atomicWrite } from './atomic-write.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-atomic-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.skipIf(process.platform === 'win32')(
  'a file is on the disk, and its name is too, before the write is told done',
  async () => {
    const probe = await open(folder, 'r');
    const prototype = Object.getPrototypeOf(probe) as typeof probe;
    await probe.close();
    const flushed: ('file' | 'folder')[] = [];
    const sync = prototype.sync;
    const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: typeof probe) {
      flushed.push((await this.stat()).isDirectory() ? 'folder' : 'file');
      await sync.call(this);
    });
    await atomicWrite(join(folder, 'flushed'), Buffer.from('all of it')).finally(() => spy.mockRestore());
    expect(flushed).toEqual(['file', 'folder']);
  },
);

it('what is not whole lies in the temporary folder, and nothing of it stays after a failure', async () => {
  const temporaryFolder = join(folder, 'unfinished');
  const path = join(folder, 'place', 'file');
  await atomicWrite(
    path,
    async (file) => {
      await file.writeFile('half ');
      expect(await readdir(temporaryFolder)).toHaveLength(1);
      await expect(stat(path)).rejects.toThrow('ENOENT');
      await file.writeFile('and half');
    },
    { temporaryFolder },
  );
  expect(await readFile(path, 'utf8')).toBe('half and half');
  const failing = () => Promise.reject(new Error('no more'));
  await expect(atomicWrite(path, failing, { temporaryFolder })).rejects.toThrow('no more');
  expect(await readFile(path, 'utf8')).toBe('half and half');
  expect(await readdir(temporaryFolder)).toEqual([]);
});
