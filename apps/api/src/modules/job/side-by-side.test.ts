import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '../../platform/jobs/job-repository.js';
import { runInCompute } from '../../platform/jobs/run-in-compute.js';
import { ensureBuilt } from '../../testing/build.js';
import { setFileGate } from '../../testing/file-gate.js';
import { FIT_TASK, type FitInput, type FitOutput } from '../../testing/model-jobs.js';
import { jpeg, patches, writeFiles } from '../../testing/pictures.js';
import {
  copyTemplate,
  createTestDatabase,
  type TestDatabase,
  temporaryFolder,
} from '../../testing/test-server.js';

const CHILD = fileURLToPath(new URL('../../../dist/testing/side-by-side-child.js', import.meta.url));
const WITHIN = { timeout: 120_000, interval: 100 } as const;
const PHOTOS = 150;
const STEPS = 30;

let folder = '';
let database: TestDatabase | null = null;
let child: ChildProcess | undefined;

beforeAll(async () => {
  ensureBuilt();
  folder = await temporaryFolder();
  await mkdir(join(folder, 'gates'));
  database = await createTestDatabase();
  if (database === null) await copyTemplate(join(folder, 'data'));
  const files: Record<string, Uint8Array | string> = {};
  const lines: string[] = [];
  for (let i = 0; i < PHOTOS; i++) {
    files[`images/${i}.jpg`] = await jpeg(patches(i, 32));
    lines.push(JSON.stringify({ kind: 'image', file: `images/${i}.jpg`, captions: [`patches ${i}`] }));
  }
  await writeFiles(join(folder, 'photos'), { ...files, 'manifest.jsonl': lines.join('\n') });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const gate = (name: 'import' | 'train' | 'evaluate', passes: number | 'open') =>
  setFileGate(join(folder, 'gates', name), passes);

interface Answer {
  readonly begun?: string[];
  readonly jobs?: Job[];
}

/** Starts the server; asks it things, one at a time. */
async function startChild() {
  const started = spawn(
    process.execPath,
    [CHILD, join(folder, 'data'), join(folder, 'gates'), database?.url ?? ''],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  child = started;
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  const read = async () => JSON.parse((await lines.next()).value ?? 'null') as Answer;
  await read();
  return {
    async ask(command: object): Promise<Answer> {
      started.stdin.write(`${JSON.stringify(command)}\n`);
      return read();
    },
    async kill() {
      const ended = once(started, 'exit');
      started.kill('SIGKILL');
      await ended;
    },
  };
}

it('an import, a training and an evaluation run side by side; one is cancelled, the server is killed, and the rest goes on', async () => {
  for (const name of ['import', 'train', 'evaluate'] as const) gate(name, 2);
  const first = await startChild();
  const { begun = [] } = await first.ask({ begin: { folder: join(folder, 'photos'), steps: STEPS } });
  const [importId = '', trainId = '', evaluateId = ''] = begun;
  const look = async (server: typeof first): Promise<Job[]> => (await server.ask({ look: begun })).jobs ?? [];

  // Each is held after two batches or steps, with all three at work.
  await expect
    .poll(async () => (await look(first)).map(({ state, done }) => `${state} ${done > 0}`), WITHIN)
    .toEqual(['RUNNING true', 'RUNNING true', 'RUNNING true']);
  for (const { total, done } of await look(first)) expect(done).toBeLessThan(total ?? 0);

  await first.ask({ cancel: evaluateId });
  await expect.poll(async () => (await look(first))[2]?.state, WITHIN).toBe('CANCELLED');
  const [importBefore, trainBefore] = await look(first);
  await first.kill();

  for (const name of ['import', 'train', 'evaluate'] as const) gate(name, 'open');
  const second = await startChild();
  await expect
    .poll(async () => (await look(second)).map(({ state }) => state), WITHIN)
    .toEqual(['SUCCEEDED', 'SUCCEEDED', 'CANCELLED']);
  const [imported, trained] = await look(second);
  expect(imported).toMatchObject({ id: importId, total: PHOTOS, done: PHOTOS, attempts: 2 });
  expect(importBefore?.done).toBeGreaterThan(0);

  // It went on from its checkpoint, and came to the very weights of a training that was left alone.
  const alone = await runInCompute<FitInput, FitOutput>(
    { signal: new AbortController().signal, progress: () => {}, log: () => {}, say: async () => {} },
    FIT_TASK,
    { checkpoint: join(folder, 'alone.safetensors'), steps: STEPS, gate: join(folder, 'gates', 'train') },
  );
  expect(trained).toMatchObject({ id: trainId, done: STEPS, attempts: 2, startedBy: 'test' });
  const { hash, fromStep } = (trained?.result ?? {}) as { hash?: string; fromStep?: number };
  expect(hash).toBe(alone.hash);
  expect(fromStep).toBeGreaterThanOrEqual(trainBefore?.done ?? 0);
  await second.kill();
}, 600_000);
