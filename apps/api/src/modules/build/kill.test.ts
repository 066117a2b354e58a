import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isTextQuery, readDatasetFolder } from '@freestyle/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { writePatches } from '../../testing/pictures.js';
import {
  copyTemplate,
  createTestDatabase,
  startTestServer,
  type TestDatabase,
  temporaryFolder,
} from '../../testing/test-server.js';
import { downloadExport } from '../../testing/unzip.js';

const PHOTOS = 100;
const TOTAL = PHOTOS * 3;
const CHILD = fileURLToPath(new URL('../../../dist/testing/build-child.js', import.meta.url));

const running = new Set<ChildProcess>();
let folder = '';
const databases: TestDatabase[] = [];

beforeAll(async () => {
  ensureBuilt();
  folder = await temporaryFolder();
  await writePatches(join(folder, 'photos'), PHOTOS);
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  for (const database of databases) await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** A data folder, with a database of its own. */
async function freshData(name: string): Promise<{ dataDir: string; url: string | undefined }> {
  const database = await createTestDatabase();
  const dataDir = join(folder, name);
  if (database === null) await copyTemplate(dataDir);
  else databases.push(database);
  return { dataDir, url: database?.url };
}

type Data = Awaited<ReturnType<typeof freshData>>;

/** Builds in a process of its own. `shallDie` sees how many were made and says whether to kill it there and then.
 *  @returns the last line. @throws if the process ends badly by itself. */
async function buildUntil({ dataDir, url }: Data, shallDie: (made: number) => boolean): Promise<string> {
  const args = [CHILD, dataDir, join(folder, 'photos'), url ?? ''];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  running.add(child);
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    const made = /^made (\d+)/.exec(line)?.[1];
    if (made !== undefined && shallDie(Number(made))) child.kill('SIGKILL');
  }
  const code = await ended;
  running.delete(child);
  if (code !== null && code !== 0) throw new Error(`the build ended with code ${code}`);
  return last;
}

/** What an export holds: every record with the hash of its picture. */
async function outcomeOf(data: Data, name: string): Promise<string[]> {
  const server = await startTestServer({ dataDir: data.dataDir, databaseUrl: data.url });
  try {
    const { data: found } = await server.query<{ datasets: { edges: { node: { id: string } }[] } }>(
      '{ datasets { edges { node { id } } } }',
    );
    const id = found?.datasets.edges[0]?.node.id ?? '';
    await downloadExport(`${server.url}/exports/${id}.zip`, join(folder, name));
  } finally {
    await server.dispose();
  }
  const { images, queries } = await readDatasetFolder(join(folder, name));
  expect(images).toHaveLength(PHOTOS);
  const lines = queries.map(async (query) => {
    if (isTextQuery(query)) return '';
    const hash = createHash('sha256')
      .update(await readFile(query.path))
      .digest('hex');
    return `${query.file} ${query.target} ${hash}`;
  });
  return (await Promise.all(lines)).sort();
}

it('a build that is killed again and again makes in the end exactly what one makes that is left alone', async () => {
  const alone = await freshData('alone');
  expect(await buildUntil(alone, () => false)).toBe('closed');
  const killed = await freshData('killed');
  // None so late that a fast machine is done before the signal comes.
  for (const from of [0, 1, 60, 61, 100, 140]) {
    const last = await buildUntil(killed, (made) => made >= from && made < TOTAL);
    expect(last).not.toBe('closed');
  }
  expect(await buildUntil(killed, () => false)).toBe('closed');
  const expected = await outcomeOf(alone, 'alone-export');
  expect(expected).toHaveLength(TOTAL);
  expect(await outcomeOf(killed, 'killed-export')).toEqual(expected);
}, 900_000);
