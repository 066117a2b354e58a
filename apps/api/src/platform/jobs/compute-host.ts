import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { CoreError } from '@freestyle/core';
import { ApiError } from '../errors.js';
import type { ComputeRun, ComputeTask, FromCompute, SentError, ToCompute } from './compute-task.js';
import { JobFailure, JobStopped } from './job-errors.js';

/** The compute process: takes one task from its parent, runs it, answers and ends. */
export function serveCompute(): void {
  const watching = dieWithParent(Number(process.argv[2]));
  const stopping = new AbortController();
  process.on('message', (message: ToCompute) => {
    if (message.kind === 'stop') stopping.abort(new JobStopped('stopped'));
    else void watching.then(() => work(message, stopping.signal));
  });
  // The parent has closed the channel, or is gone.
  process.on('disconnect', () => process.exit(1));
}

type Begin = Extract<ToCompute, { kind: 'begin' }>;

async function work({ task, input, threads }: Begin, signal: AbortSignal): Promise<void> {
  const answer = await attempt(task, input, { ...talk(), signal, threads });
  await new Promise<void>((sent) => process.send?.(answer, () => sent()));
  process.exit(0);
}

async function attempt(task: string, input: unknown, run: ComputeRun): Promise<FromCompute> {
  try {
    const module = (await import(new URL(`../../${task}.js`, import.meta.url).href)) as {
      readonly compute: ComputeTask<unknown, unknown>;
    };
    return { kind: 'done', output: await module.compute(input, run) };
  } catch (error) {
    const stopped = run.signal.aborted && error instanceof Error && error.name === 'AbortError';
    return stopped ? { kind: 'stopped' } : { kind: 'failed', error: sent(error) };
  }
}

function talk(): Pick<ComputeRun, 'progress' | 'log' | 'say' | 'emit'> {
  const send = (message: FromCompute) => void process.send?.(message);
  return {
    async progress(done, total) {
      send({ kind: 'progress', done, total });
      await nextTurn();
    },
    log: (text, level = 'info') => send({ kind: 'log', text, level }),
    say: (message) => send({ kind: 'say', message }),
    emit: (event) => send({ kind: 'event', event }),
  };
}

function sent(error: unknown): SentError {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, code: null };
  const { name, message, stack } = error;
  const isOurs = error instanceof JobFailure || error instanceof ApiError || error instanceof CoreError;
  return { name, message, stack, code: isOurs ? error.code : null };
}

const WATCH_MS = 500;

/** A thread that ends this process when its parent is gone, also in the middle of a step that lets no message in: two
 *  trainings must not write to one folder. Work begins when it keeps watch.
 *  @param parent as the parent said itself: who asks late would be told whoever took its place. */
async function dieWithParent(parent: number): Promise<void> {
  const watch = `
    setInterval(() => { if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL'); }, ${WATCH_MS});`;
  const watcher = new Worker(watch, { eval: true });
  watcher.unref();
  await once(watcher, 'online');
}
