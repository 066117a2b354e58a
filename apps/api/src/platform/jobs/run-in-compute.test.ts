import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import type { StepsInput } from '../../testing/compute-steps.js';
import { temporaryFolder } from '../../testing/test-server.js';
import { JobFailure, JobStopped } from './job-errors.js';
import { type ComputeOptions, runInCompute } from './run-in-compute.js';

const TASK = 'testing/compute-steps';
const WITHIN = { timeout: 60_000, interval: 20 } as const;

let folder = '';
let count = 0;

beforeAll(async () => {
  ensureBuilt();
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A task at work, with what it told. */
function start(input: Partial<StepsInput> = {}, options?: ComputeOptions) {
  const file = join(folder, `steps-${count++}`);
  const controller = new AbortController();
  const progress: string[] = [];
  const lines: string[] = [];
  const said: (string | null)[] = [];
  const run = {
    signal: controller.signal,
    progress: (done: number, total: number | null) => void progress.push(`${done}/${total}`),
    log: (text: string) => void lines.push(text),
    say: async (message: string | null) => void said.push(message),
  };
  const begin = (more: Partial<StepsInput> = {}) =>
    runInCompute<StepsInput, { taken: number; pid: number; bytes: Uint8Array }>(
      run,
      TASK,
      { file, steps: 4, ...input, ...more },
      options,
    );
  const pid = () => Number(/process (\d+)/.exec(lines.at(-1) ?? '')?.[1] ?? 0);
  return { file, controller, progress, lines, said, begin, pid };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A killed one that nobody has waited for yet is not alive either.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

it('a task runs in another process, of lower priority, and what it tells and returns arrives', async () => {
  const gateFile = join(folder, 'gate-priority');
  const { begin, progress, lines, said, pid } = start({ gate: { before: 3, file: gateFile } });
  const answer = begin();
  await expect.poll(() => progress, WITHIN).toContain('3/4');
  expect(pid()).not.toBe(process.pid);
  expect(getPriority(pid())).toBeGreaterThan(getPriority());
  await writeFile(gateFile, '');
  const { taken, bytes } = await answer;
  expect({ taken, bytes }).toEqual({ taken: 4, bytes: Uint8Array.of(1, 2, 3) });
  expect(progress).toEqual(['1/4', '2/4', '3/4', '4/4']);
  expect(lines).toHaveLength(4);
  expect(said).toEqual(['From step 0 on.']);
});

it('a task that is stopped ends after its step, and goes on from its own file the next time', async () => {
  const gateFile = join(folder, 'gate-stop');
  const task = start({ gate: { before: 2, file: gateFile } });
  const answer = task.begin();
  await expect.poll(() => task.progress, WITHIN).toContain('2/4');
  const reason = new JobStopped('paused');
  task.controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  expect(isAlive(task.pid())).toBe(false);

  await writeFile(gateFile, '');
  const again = start({ file: task.file });
  expect(await again.begin()).toMatchObject({ taken: 2 });
  expect(again.progress).toEqual(['3/4', '4/4']);
});

it('a task that hears nothing is killed after its grace', async () => {
  const task = start({ fault: 'deaf' }, { graceMs: 300 });
  const answer = task.begin();
  await expect.poll(() => task.progress, WITHIN).toContain('1/4');
  task.controller.abort(new JobStopped('cancelled'));
  await expect(answer).rejects.toThrow('the job was cancelled');
  expect(isAlive(task.pid())).toBe(false);
});

it('an error with words for people keeps them, another one its stack, and a process that ends is told', async () => {
  const ours = start({ fault: 'ours' }).begin();
  await expect(ours).rejects.toThrow(JobFailure);
  await expect(ours).rejects.toMatchObject({ code: 'BAD_LAYOUT', message: 'the folder holds no training' });
  const unexpected = await start({ fault: 'unexpected' })
    .begin()
    .catch((error: unknown) => error);
  expect(unexpected).toMatchObject({ name: 'TypeError', message: 'x is not a function' });
  expect(unexpected).not.toBeInstanceOf(JobFailure);
  expect((unexpected as Error).stack).toContain('compute-steps');
  await expect(start({ fault: 'exit' }).begin()).rejects.toMatchObject({
    code: 'COMPUTE_DIED',
    retryable: true,
  });
});

it('a task dies with the process that asked for it, though it hears nothing', async () => {
  const file = join(folder, 'orphan');
  const module = fileURLToPath(new URL('../../../dist/platform/jobs/run-in-compute.js', import.meta.url));
  const script = `
    import { runInCompute } from ${JSON.stringify(module)};
    const run = { signal: new AbortController().signal, progress() {}, async say() {}, log: (text) => console.log(text) };
    await runInCompute(run, ${JSON.stringify(TASK)}, { file: ${JSON.stringify(file)}, steps: 4, fault: 'deaf' });`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  parent.stdout.on('data', (more: Buffer) => (text += more));
  await expect.poll(() => text, WITHIN).toMatch(/step 0 of process \d+/);
  const pid = Number(/process (\d+)/.exec(text)?.[1]);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), WITHIN).toBe(false);
});
