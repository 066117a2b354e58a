import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@freestyle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { type FinishedImport, readLedger } from '../../testing/import-client.js';
import { jpeg, patches, writeFiles } from '../../testing/pictures.js';
import {
  copyTemplate,
  createTestDatabase,
  startTestServer,
  type TestDatabase,
  type TestServer,
  temporaryFolder,
} from '../../testing/test-server.js';
import { zipBytes } from '../../testing/zip-bytes.js';

const PHOTOS = 400;
const QUERIES = 60;
const COPIES = 12;
const BROKEN = 8;
const BAD_LINES = 2;
const TOTAL = PHOTOS + QUERIES + COPIES + BROKEN + BAD_LINES;
const KILLS = 10;
const CHILD = fileURLToPath(new URL('../../../dist/testing/import-child.js', import.meta.url));

const running = new Set<ChildProcess>();
const databases: TestDatabase[] = [];
let folder = '';

beforeAll(async () => {
  ensureBuilt();
  folder = await temporaryFolder();
  await writeDataset(join(folder, 'photos'));
  await writeFile(join(folder, 'photos.zip'), await zipOf(join(folder, 'photos')));
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  for (const database of databases) await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Photos with captions, classes and queries, and among them all that an import refuses. */
async function writeDataset(into: string): Promise<void> {
  const files: Record<string, Uint8Array | string> = {};
  const records: unknown[] = [];
  const add = async (name: string, seed: number | string, more: Record<string, unknown> = {}) => {
    files[name] = typeof seed === 'number' ? await jpeg(patches(seed)) : seed;
    records.push({ kind: 'image', file: name, ...more });
  };
  for (let i = 0; i < PHOTOS; i++) {
    await add(`photos/${i}.jpg`, i, { captions: [`photo ${i}`], class: `c${i % 7}`, split: 'train' });
    if (i % 20 === 3 && i / 20 < BROKEN) await add(`broken/${i}.jpg`, 'this is no picture');
    if (i % 15 === 4 && i / 15 < COPIES) await add(`copies/${i}.jpg`, i, { captions: ['a copy'] });
  }
  for (let i = 0; i < QUERIES; i++) {
    const file = `sketches/${i}.jpg`;
    files[file] = await jpeg(patches(10_000 + i));
    records.splice(3 * i, 0, { kind: 'query', style: 'sketch', file, target: `photos/${i}.jpg` });
  }
  records.splice(50, 0, { kind: 'image', file: 'photos/nowhere.jpg' });
  const lines = records.map((record) => JSON.stringify(record));
  lines.splice(120, 0, 'no line of a manifest');
  await writeFiles(into, { ...files, 'manifest.jsonl': `${lines.join('\n')}\n` });
}

async function zipOf(source: string): Promise<Buffer> {
  const names = await readdir(source, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return zipBytes(
    await Promise.all(
      files.sort().map(async (path) => ({
        name: path.slice(source.length + 1),
        content: await readFile(path),
      })),
    ),
  );
}

/** Where one server keeps what it has. */
interface Place {
  readonly data: string;
  readonly databaseUrl: string | undefined;
}

async function newPlace(name: string): Promise<Place> {
  const data = join(folder, name);
  const database = await createTestDatabase();
  if (database === null) await copyTemplate(data);
  else databases.push(database);
  return { data, databaseUrl: database?.url };
}

// A batch takes 30 ms; a process that has said nothing for so long will not.
const SILENCE_MS = 150_000;

/** What a promise comes to, or an error that says which one did not come to anything. */
async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Imports in a process of its own. `shallDie` sees each line and says in how many milliseconds to kill it; null to let
 *  it live on.
 *  @throws if the process ends badly by itself. */
async function importUntil(
  place: Place,
  source: string,
  shallDie: (line: string) => number | null,
): Promise<string[]> {
  const args = [CHILD, place.data, join(folder, source), place.databaseUrl ?? ''];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  running.add(child);
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const lines: string[] = [];
  let condemned = false;
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (;;) {
    const { done, value: line } = await inTime(`after "${lines.at(-1) ?? 'the start'}"`, output.next());
    if (done) break;
    lines.push(line);
    const delay = condemned ? null : shallDie(line);
    if (delay === null) continue;
    condemned = true;
    setTimeout(() => child.kill('SIGKILL'), delay);
  }
  const code = await inTime('the end of the process', ended);
  running.delete(child);
  if (code !== null && code !== 0) throw new Error(`the import ended with code ${code}: ${complaints}`);
  return lines;
}

const countOf = (line: string): number => Number(/^done (\d+)/.exec(line)?.[1] ?? 0);

/** All that an import leaves behind, but for times and ids. */
async function outcomeOf({ data, databaseUrl }: Place) {
  const server = await inTime('starting', startTestServer({ dataDir: data, databaseUrl }));
  try {
    const jobs = await server.query<{ jobs: { edges: { node: { id: string; kind: string } }[] } }>(
      '{ jobs { edges { node { id kind } } } }',
    );
    const imports = jobs.data?.jobs.edges.filter(({ node }) => node.kind === 'IMPORT') ?? [];
    const ledger = await readLedger(server, imports[0]?.node.id ?? '');
    const { jobId: _job, datasetId, rejectsUrl: _url, ...rest } = ledger;
    const files = async (name: string) => {
      const found = await readdir(join(data, name), { recursive: true, withFileTypes: true }).catch(() => []);
      return found.filter((one) => one.isFile()).map((one) => one.name);
    };
    return {
      imports: imports.length,
      ...rest,
      rejects: byPath(rest.rejects),
      dataset: { ...rest.dataset, id: null },
      content: await contentHash(server, datasetId),
      originals: (await files('originals')).sort(),
      unpacked: await files('staging'),
    };
  } finally {
    await inTime('closing', server.dispose());
  }
}

const byPath = (rejects: FinishedImport['rejects']) =>
  [...rejects].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

/** Of every photo, caption, label and query, as a version has it. */
async function contentHash(server: TestServer, datasetId: string): Promise<string> {
  const { data } = await server.query<{ createVersion: { version: { contentHash: string } } }>(
    'mutation ($id: ID!) { createVersion(datasetId: $id) { ... on CreateVersionSuccess { version { contentHash } } } }',
    { id: datasetId },
  );
  if (!data) throw new Error('there is no version');
  return data.createVersion.version.contentHash;
}

describe.each(['photos', 'photos.zip'])('an import of %s', (source) => {
  it(`killed at ${KILLS} random moments ends as one that was left alone`, async () => {
    const alone = await newPlace(`${source} alone`);
    const lines = await importUntil(alone, source, () => null);
    expect(lines.slice(-2)).toEqual([`done ${TOTAL} of ${TOTAL} SUCCEEDED`, 'closed']);
    const expected = await outcomeOf(alone);
    expect(expected).toMatchObject({
      imports: 1,
      total: TOTAL,
      states: { EMBEDDED: PHOTOS, STORED: QUERIES, DUPLICATE: COPIES, REJECTED: BROKEN + BAD_LINES },
      dataset: { imageCount: PHOTOS, indexedCount: PHOTOS, queryCount: QUERIES },
      unpacked: [],
    });
    expect(expected.originals).toHaveLength(PHOTOS + QUERIES);

    const killed = await newPlace(`${source} killed`);
    const random = createRandom(`moments of ${source}`);
    // The first two die before anything is done; the rest anywhere between there and the end.
    const moments = [0, 0, ...Array.from({ length: KILLS - 2 }, () => random.uniform() * 0.6)].sort(
      (a, b) => a - b,
    );
    const reached: number[] = [];
    for (const moment of moments) {
      const delay = random.uniform() * 30;
      const after = (line: string) => (countOf(line) >= moment * TOTAL ? delay : null);
      const seen = await importUntil(killed, source, (line) =>
        moment === 0 ? delay : line.startsWith('done') ? after(line) : null,
      );
      expect(seen.at(-1), `killed at ${moment}`).not.toBe('closed');
      reached.push(countOf(seen.at(-1) ?? ''));
    }
    const rest = await importUntil(killed, source, () => null);
    expect(rest.slice(-2)).toEqual([`done ${TOTAL} of ${TOTAL} SUCCEEDED`, 'closed']);
    // The work of the killed ones was kept, not begun anew.
    const kept = countOf(rest.find((line) => line.startsWith('done')) ?? '');
    expect(kept).toBeGreaterThanOrEqual(Math.max(...reached));
    expect(kept).toBeGreaterThan(TOTAL / 4);
    expect(await outcomeOf(killed)).toEqual(expected);
  }, 600_000);
});
