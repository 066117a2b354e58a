import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeOutput } from './write-output.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-output-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('writeOutput', () => {
  it('replaces a file in one move: whoever has the old one open reads it to its end', async () => {
    const path = join(folder, 'made', 'report.json');
    await writeOutput(path, 'old');
    const before = await lstat(path);
    await writeOutput(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await lstat(path)).ino).not.toBe(before.ino);
    expect(await readdir(join(folder, 'made'))).toEqual(['report.json']);
  });

  it('writes to what a link names, and leaves the link', async () => {
    await writeFile(join(folder, 'target'), 'old');
    await symlink(join(folder, 'target'), join(folder, 'link'));
    await writeOutput(join(folder, 'link'), 'new');
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('new');
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
  });
});
