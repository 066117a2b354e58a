import { spawn } from 'node:child_process';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../testing/test-server.js';
import { lockFolder } from './folder-lock.js';

let folder = '';
const lockFile = () => join(folder, 'lock');
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const owner = (over: object) =>
  JSON.stringify({ pid: process.pid, host: hostname(), processStart: null, token: 'somebody', ...over });

it('refuses a folder that this process or another living one holds, and names the holder', async () => {
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'DATA_FOLDER_LOCKED' });
  await lock.release();
  const other = spawn('sleep', ['60']);
  try {
    await writeFile(lockFile(), owner({ pid: other.pid }));
    await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${other.pid};`);
  } finally {
    other.kill('SIGKILL');
  }
});

it('takes over at once from a process that was killed', async () => {
  const dead = spawn('sleep', ['60']);
  const gone = new Promise((done) => dead.once('exit', done));
  dead.kill('SIGKILL');
  await gone;
  await writeFile(lockFile(), owner({ pid: dead.pid }));
  const lock = await lockFolder(folder);
  expect(JSON.parse(await readFile(lockFile(), 'utf8')).pid).toBe(process.pid);
  await lock.release();
});

it.runIf(process.platform === 'linux')(
  'is not fooled by a later process that has the number of the dead one',
  async () => {
    await writeFile(lockFile(), owner({ processStart: '1' }));
    await (await lockFolder(folder)).release();
  },
);

it('takes over a lock that was never written to its end', async () => {
  await writeFile(lockFile(), '{"pid":');
  await (await lockFolder(folder)).release();
});

it('believes another machine only while it gives signs of life', async () => {
  await writeFile(lockFile(), owner({ host: 'elsewhere' }));
  await expect(lockFolder(folder)).rejects.toThrow('on elsewhere');
  const longAgo = new Date(Date.now() - 120_000);
  await utimes(lockFile(), longAgo, longAgo);
  await (await lockFolder(folder)).release();
});

it('gives the folder to one of many that ask at once for a dead lock', async () => {
  await writeFile(lockFile(), owner({ pid: 999_999_999 }));
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)));
  const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(won).toHaveLength(1);
  await won[0]?.release();
});

it('says in one line that a folder cannot be used', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(lockFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
});
