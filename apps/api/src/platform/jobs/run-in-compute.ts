import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FromCompute, SentError, ToCompute } from './compute-task.js';
import { JobFailure } from './job-errors.js';
import type { JobRun } from './job-run.js';

export interface ComputeOptions {
  /** How long a task may take to heed a stop before its process is killed: a step of a large training. */
  readonly graceMs?: number;
  /** Threads of its sessions; half of the processor's unless given. */
  readonly threads?: number;
  /** Niceness of the process, 0 to 19. */
  readonly niceness?: number;
  /** Is given what the task emits, in order. */
  readonly onEvent?: (event: unknown) => void;
}

const ENTRY = fileURLToPath(new URL('../../../workers/compute.mjs', import.meta.url));
// Below the server (0) by ten of twenty steps: the kernel then gives the server about nine tenths of a core that both
// want, and the task all of what is left.
const NICENESS = 10;
// Queries keep a core of their own where there are two.
const THREADS = Math.max(1, Math.floor(availableParallelism() / 2));
const GRACE_MS = 10_000;

/** Runs a task in a process of its own, with its own sessions, few threads and a low priority, so that queries go
 *  first. Progress, log and messages become the job's; a stop of the job stops it. It dies with this process.
 *  @param task module below `src` that exports `compute`, without ending: `modules/training/compute`.
 *  @returns what `compute` returned.
 *  @throws the job's own stop; {JobFailure} with the words of an error of ours, or if the process died. */
export function runInCompute<Input, Output>(
  run: Pick<JobRun, 'signal' | 'progress' | 'log' | 'say'>,
  task: string,
  input: Input,
  { graceMs = GRACE_MS, threads = THREADS, niceness = NICENESS, onEvent }: ComputeOptions = {},
): Promise<Output> {
  run.signal.throwIfAborted();
  const child = fork(ENTRY, [String(process.pid)], {
    // Typed arrays and dates arrive as they are.
    serialization: 'advanced',
    // No flags of this process: a condition that leads to sources would lead it astray.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  lowerPriority(child, niceness);
  const send = (message: ToCompute) => {
    if (child.connected) child.send(message, () => {});
  };
  send({ kind: 'begin', task, input, threads });
  return new Promise<Output>((resolve, reject) => {
    let killer: NodeJS.Timeout | undefined;
    let answer: (() => void) | null = null;
    const stop = () => {
      send({ kind: 'stop', why: String(run.signal.reason) });
      killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    };
    run.signal.addEventListener('abort', stop, { once: true });
    const errors = lastLines(child);
    child.on('message', (message: FromCompute) => {
      if (message.kind === 'progress') run.progress(message.done, message.total);
      else if (message.kind === 'log') run.log(message.text, message.level);
      else if (message.kind === 'say') run.say(message.message).catch(() => {});
      else if (message.kind === 'event') onEvent?.(message.event);
      else if (message.kind === 'done') answer = () => resolve(message.output as Output);
      else if (message.kind === 'failed') answer = () => reject(received(message.error));
      else answer = () => reject(run.signal.reason);
    });
    child.once('error', (error) => {
      answer ??= () => reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(killer);
      run.signal.removeEventListener('abort', stop);
      if (answer !== null) answer();
      else if (run.signal.aborted) reject(run.signal.reason);
      else reject(new ComputeDiedError(signal ?? `code ${code}`, errors()));
    });
  });
}

/** The compute process ended by itself: out of memory, say. */
export class ComputeDiedError extends JobFailure {
  constructor(how: string, lastWords: string) {
    super(
      `The process that computes ended (${how})${lastWords === '' ? '' : `: ${lastWords}`}. It may have been out of memory.`,
      { code: 'COMPUTE_DIED', retryable: true },
    );
  }
}

function lowerPriority({ pid }: ChildProcess, niceness: number): void {
  try {
    if (pid !== undefined) setPriority(pid, niceness);
  } catch {
    // Where the system does not allow it, the few threads have to do.
  }
}

function received({ name, message, stack, code }: SentError): Error {
  if (code !== null) return new JobFailure(message, { code });
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}

const KEPT = 500;

/** The end of what a process says on its error channel. */
function lastLines({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-KEPT);
  });
  return () => text.trim();
}
