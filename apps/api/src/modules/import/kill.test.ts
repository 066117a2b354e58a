import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { writePatches } from '../../testing/pictures.js';
import {
  copyTemplate,
  createTestDatabase,
  startTestServer,
  type TestDatabase,
  type TestServer,
  temporaryFolder,
} from '../../testing/test-server.js';

const PHOTOS = 300;
const CHILD = fileURLToPath(new URL('../../../dist/testing/import-child.js', import.meta.url));

const running = new Set<ChildProcess>();
let folder = '';
let database: TestDatabase | null = null;

beforeAll(async () => {
  ensureBuilt();
  folder = await temporaryFolder();
  database = await createTestDatabase();
  if (database === null) await copyTemplate(join(folder, 'data'));
  await writePatches(join(folder, 'photos'), PHOTOS);
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Imports in a process of its own. `shallDie` sees each line and says whether to kill it there and then.
 *  @throws if the process ends badly by itself. */
async function importUntil(shallDie: (line: string) => boolean): Promise<string[]> {
  const args = [CHILD, join(folder, 'data'), join(folder, 'photos'), database?.url ?? ''];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  running.add(child);
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (shallDie(line)) child.kill('SIGKILL');
  }
  const code = await ended;
  running.delete(child);
  if (code !== null && code !== 0) throw new Error(`the import ended with code ${code}: ${complaints}`);
  return lines;
}

const countOf = (line: string): number => Number(/^done (\d+)/.exec(line)?.[1] ?? 0);

it('a server that is killed again and again during an import has every photo exactly once in the end', async () => {
  const deaths: string[] = [];
  const die = async (at: (line: string) => boolean) => {
    const lines = await importUntil(at);
    deaths.push(lines.at(-1) ?? '');
    expect(lines.at(-1)).not.toBe('closed');
  };
  await die((line) => line === 'listening');
  await die((line) => line.startsWith('done'));
  await die((line) => countOf(line) >= 40);
  await die((line) => countOf(line) >= 150);
  const lines = await importUntil(() => false);
  expect(lines.slice(-2)).toEqual([`done ${PHOTOS} of ${PHOTOS} SUCCEEDED`, 'closed']);
  // The work of the killed ones was kept, not begun anew.
  expect(countOf(lines[1] ?? '')).toBeGreaterThanOrEqual(150);

  const server = await startTestServer({ dataDir: join(folder, 'data'), databaseUrl: database?.url });
  try {
    const { data } = await server.query<{ datasets: { edges: { node: { id: string } }[] } }>(
      '{ datasets { edges { node { id imageCount indexedCount rejectedCount } } } jobs { edges { node { kind state total done duplicates failed } } } }',
    );
    expect(data).toMatchObject({
      datasets: { edges: [{ node: { imageCount: PHOTOS, indexedCount: PHOTOS, rejectedCount: 0 } }] },
      jobs: {
        edges: [{ node: { state: 'SUCCEEDED', total: PHOTOS, done: PHOTOS, duplicates: 0, failed: 0 } }],
      },
    });
    expect((await namesIn(server, data?.datasets.edges[0]?.node.id ?? '')).length).toBe(PHOTOS);
    const originals = await readdir(join(folder, 'data', 'originals'), { recursive: true });
    expect(originals.filter((name) => /[0-9a-f]{64}$/.test(name))).toHaveLength(PHOTOS);
  } finally {
    await server.dispose();
  }
}, 400_000);

interface ImagePage {
  dataset: {
    images: {
      edges: { node: { fileName: string } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
}

async function namesIn(server: TestServer, id: string): Promise<string[]> {
  const names = new Set<string>();
  for (let after: string | null = null; ; ) {
    const answer: { data: ImagePage | null } = await server.query<ImagePage>(
      `query ($id: ID!, $after: String) { dataset(id: $id) { images(first: 100, after: $after) {
         edges { node { fileName } } pageInfo { hasNextPage endCursor } } } }`,
      { id, after },
    );
    const images = answer.data?.dataset.images;
    for (const { node } of images?.edges ?? []) names.add(node.fileName);
    if (!images?.pageInfo.hasNextPage) return [...names];
    after = images.pageInfo.endCursor;
  }
}
