import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { StyleVersion, VersionRequest } from '@freestyle/core';

/** Makes query pictures on threads of its own, one photo at a time on each. */
export interface StyleWorkers {
  /** Photos that can be at work at once. */
  readonly size: number;
  /** The versions of one photo, in the order of the requests. @throws {VersionFailure} */
  make(task: VersionTask): Promise<StyleVersion[]>;
  close(): Promise<void>;
}

export interface VersionTask {
  readonly photo: Uint8Array;
  readonly requests: readonly VersionRequest[];
  /** Somebody waits for the answer: it comes before the work of jobs. */
  readonly urgent?: boolean;
}

/** A photo of which no version can be made, as `code` and message say. */
export class VersionFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'VersionFailure';
    this.code = code;
  }
}

interface Waiting extends VersionTask {
  resolve(versions: StyleVersion[]): void;
  reject(reason: Error): void;
}

type Answer = { versions: StyleVersion[] } | { failure: { code?: string; message: string } };

const ENTRY = new URL('../../../workers/style-maker.mjs', import.meta.url);
// One core stays free for requests and for the database; a thread with a large photo takes some 100 MB.
const THREADS = Math.min(4, Math.max(1, availableParallelism() - 1));
// A preview is often followed by another; a finished build shall not hold memory for long.
const IDLE_MS = 20_000;

export function createStyleWorkers(threads: number = THREADS): StyleWorkers {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const queue: Waiting[] = [];
  let closed = false;
  let idleTimer: NodeJS.Timeout | undefined;

  function open(): Worker {
    // No flags of this process: a condition that leads to sources would lead a plain thread astray.
    const worker = new Worker(ENTRY, { execArgv: [] });
    worker.unref();
    all.add(worker);
    worker.once('exit', () => {
      all.delete(worker);
      const place = idle.indexOf(worker);
      if (place >= 0) idle.splice(place, 1);
    });
    return worker;
  }

  function next(): void {
    clearTimeout(idleTimer);
    while (queue.length > 0) {
      const worker = idle.pop() ?? (all.size < threads ? open() : undefined);
      if (worker === undefined) return;
      const task = queue.shift();
      if (task) give(worker, task);
    }
    idleTimer = setTimeout(() => {
      for (const worker of idle.splice(0)) void worker.terminate();
    }, IDLE_MS).unref();
  }

  function give(worker: Worker, { photo, requests, resolve, reject }: Waiting): void {
    const done = (settle: () => void, reusable: boolean) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (reusable) idle.push(worker);
      settle();
      next();
    };
    const onMessage = (answer: Answer) => {
      if ('versions' in answer) done(() => resolve(answer.versions), true);
      else {
        const { code = 'UNEXPECTED', message } = answer.failure;
        done(() => reject(new VersionFailure(code, message)), true);
      }
    };
    // A thread that dies (out of memory, say) takes its photo with it and nothing else.
    const onError = (error: Error) => {
      all.delete(worker);
      done(() => reject(new VersionFailure('UNEXPECTED', error.message)), false);
    };
    const onExit = () => {
      all.delete(worker);
      done(() => reject(new VersionFailure('UNEXPECTED', 'the thread that made the version ended')), false);
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage({ photo, requests });
  }

  return {
    size: threads,
    make: (task) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new VersionFailure('UNEXPECTED', 'the server is closing'));
          return;
        }
        const waiting = { ...task, resolve, reject };
        if (task.urgent) queue.unshift(waiting);
        else queue.push(waiting);
        next();
      }),
    async close() {
      closed = true;
      clearTimeout(idleTimer);
      for (const { reject } of queue.splice(0)) {
        reject(new VersionFailure('UNEXPECTED', 'the server is closing'));
      }
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}
