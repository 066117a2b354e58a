import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { writeDemoGallery } from '@freestyle/scenes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { setFileGate } from '../../testing/file-gate.js';
import {
  copyTemplate,
  createTestDatabase,
  startTestServer,
  type TestDatabase,
  temporaryFolder,
} from '../../testing/test-server.js';
import { type BuildInput, compute } from './compute.js';
import { openKeptRows, readKeptRows } from './kept-rows.js';
import type { ListedPicture } from './list-pictures.js';

const CHILD = fileURLToPath(new URL('../../../dist/testing/style-child.js', import.meta.url));
const running = new Set<ChildProcess>();
const databases: TestDatabase[] = [];
let folder = '';

beforeAll(async () => {
  ensureBuilt();
  folder = await temporaryFolder();
  await writeDemoGallery(join(folder, 'scenes'), { count: 16 });
}, 300_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  for (const database of databases) await database.drop();
  await rm(folder, { recursive: true, force: true });
});

interface Data {
  readonly dataDir: string;
  readonly url: string | undefined;
  readonly gate: string;
}

async function freshData(name: string): Promise<Data> {
  const database = await createTestDatabase();
  const dataDir = join(folder, name);
  if (database === null) await copyTemplate(dataDir);
  else databases.push(database);
  return { dataDir, url: database?.url, gate: join(folder, `${name}.gate`) };
}

/** Builds in a process of its own. @param killAt kills it at this many steps, which the gate holds it at. */
async function buildUntil({ dataDir, url, gate }: Data, killAt: number | null): Promise<string> {
  const child = spawn(process.execPath, [CHILD, dataDir, join(folder, 'scenes'), gate, url ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (killAt !== null && Number(/^done (\d+)/.exec(line)?.[1] ?? -1) >= killAt) child.kill('SIGKILL');
  }
  await ended;
  running.delete(child);
  return last;
}

async function outcomeOf({ dataDir, url }: Data) {
  const server = await startTestServer({ dataDir, databaseUrl: url });
  try {
    const [space] = await server.services.styleSpaces.page({
      after: null,
      before: null,
      limit: 5,
      inverted: false,
    });
    if (space === undefined) throw new Error('There is no space.');
    const { pictures } = await server.services.styleSpaces.work.content(space.id);
    const { styles } = await server.services.styleSpaces.work.version(space, 1);
    return {
      head: space.head,
      pictures: pictures.map(({ contentHash, styleX, meaningY }) => [contentHash, styleX, meaningY]),
      labels: [...styles.labels],
      names: styles.clusters.map(({ name }) => name),
    };
  } finally {
    await server.dispose();
  }
}

it('a build that is killed again and again ends with exactly what one ends with that is left alone', async () => {
  const alone = await freshData('alone');
  setFileGate(alone.gate, 'open');
  expect(await buildUntil(alone, null)).toBe('closed');
  const killed = await freshData('killed');
  // Two batches a life: the third waits at the gate until the signal has come.
  for (const [passes, killAt] of [
    [2, 32],
    [1, 48],
  ] as const) {
    setFileGate(killed.gate, passes);
    expect(await buildUntil(killed, killAt)).not.toBe('closed');
  }
  setFileGate(killed.gate, 'open');
  expect(await buildUntil(killed, null)).toBe('closed');
  expect(await outcomeOf(killed)).toEqual(await outcomeOf(alone));
}, 600_000);

it('style features that were read before a stop are not read again, and a row cut short is made anew', async () => {
  const pictures: ListedPicture[] = Array.from({ length: 40 }, (_, at) => ({
    ...{
      itemId: `${at}`,
      isQuery: false,
      style: at % 2 ? 'a' : 'b',
      className: null,
      split: null,
      targetId: null,
    },
    ...{ contentHash: `${at}`, fileName: null },
    path: join(folder, 'scenes', 'images', `scene-${String(at % 16).padStart(4, '0')}.jpg`),
  }));
  const inputOf = async (name: string): Promise<BuildInput> => {
    const own = join(folder, name);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'pictures.json'), JSON.stringify(pictures));
    const meaning = await openKeptRows(join(own, 'meaning'), 3);
    await meaning.add(pictures.map((_, at) => Float32Array.of(at, at * at, 1)));
    await meaning.close();
    return { folder: own, meaning: { file: join(own, 'meaning'), width: 3 }, requestedK: 3, seed: 1 };
  };
  const runWith = (signal: AbortSignal, onProgress: (done: number) => void, lines: string[]) => ({
    signal,
    threads: 1,
    progress: async (done: number) => onProgress(done),
    log: (text: string) => void lines.push(text),
    say: () => {},
    emit: () => {},
  });
  const never = new AbortController().signal;
  const whole = await compute(
    await inputOf('whole'),
    runWith(never, () => {}, []),
  );
  const input = await inputOf('stopped');
  const stop = new AbortController();
  const stopped = compute(
    input,
    runWith(stop.signal, () => stop.abort(new Error('stop')), []),
  );
  await expect(stopped).rejects.toThrow('stop');
  const lines: string[] = [];
  const again = await compute(
    input,
    runWith(never, () => {}, lines),
  );
  expect(lines).toContain('16 style features were kept by the run before.');
  expect(again).toEqual(whole);

  const rows = join(folder, 'rows');
  const file = await openKeptRows(rows, 2);
  await file.add([Float32Array.of(1, 2), null]);
  await file.close();
  await writeFile(rows, new Uint8Array([1, 2, 3]), { flag: 'a' });
  const next = await openKeptRows(rows, 2);
  expect(next.count).toBe(2);
  await next.add([Float32Array.of(5, 6)]);
  await next.close();
  expect([...(await readKeptRows(rows))]).toEqual([1, 2, Number.NaN, Number.NaN, 5, 6]);
}, 300_000);
