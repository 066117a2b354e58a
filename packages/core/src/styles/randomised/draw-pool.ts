import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CoreError } from '../../errors.js';
import type { RgbImage } from '../../image/rgb-image.js';
import type { DrawnQuery, DrawnShares, DrawTask } from './draw-query.js';

/** Draws query pictures on threads of its own, so that the encoder never waits for them. */
export interface DrawPool {
  readonly threads: number;
  /** One picture for each task, in their order; the same seeds give the same bytes whatever the number of threads.
   *  Calls may overlap; they are served in turn. @throws {DrawPoolError} */
  draw(tasks: readonly DrawTask[]): Promise<DrawnQuery[]>;
  /** Ends the threads; what is not yet drawn is refused. */
  close(): Promise<void>;
}

export interface DrawPoolOptions {
  /** One less than the machine has cores unless told, at least one. */
  readonly threads?: number;
  /** Shared by all threads without a copy for each. */
  readonly paintings?: readonly RgbImage[];
  readonly shares?: DrawnShares;
}

/** A thread that ended, or a pool that is closed. */
export class DrawPoolError extends CoreError {
  constructor(message: string) {
    super('DRAW_POOL', `drawing query pictures: ${message}`);
  }
}

// A few pictures a message: little is lost at the end of a batch, and messages cost nothing beside the drawing.
const CHUNK = 8;
const ENTRY = new URL('../../../workers/draw-queries.mjs', import.meta.url);

interface Chunk {
  readonly tasks: readonly DrawTask[];
  resolve(drawn: DrawnQuery[]): void;
  reject(reason: Error): void;
}

type Answer = { readonly drawn: DrawnQuery[] } | { readonly failure: string };

/** Opens threads when they are first needed. */
export function createDrawPool(options: DrawPoolOptions = {}): DrawPool {
  const threads = Math.max(1, options.threads ?? availableParallelism() - 1);
  const paintings = (options.paintings ?? []).map(shared);
  const queue: Chunk[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Chunk>();
  let closed = false;

  function open(): Worker {
    // No flags of this process: a condition that leads to sources would lead a plain thread astray.
    const worker = new Worker(ENTRY, { execArgv: [], workerData: { paintings } });
    worker.unref();
    worker.on('message', (answer: Answer) => finish(worker, answer));
    worker.on('error', (error: Error) => lose(worker, error.message));
    worker.on('exit', () => lose(worker, 'a thread ended'));
    return worker;
  }

  function next(): void {
    while (queue.length > 0 && !closed) {
      const worker = idle.pop() ?? (busy.size < threads ? open() : undefined);
      const chunk = worker && queue.shift();
      if (!worker || !chunk) return;
      busy.set(worker, chunk);
      // While it draws, the process stays for it; idle threads keep nothing alive.
      worker.ref();
      worker.postMessage({ tasks: chunk.tasks.map(own), shares: options.shares });
    }
  }

  function finish(worker: Worker, answer: Answer): void {
    const chunk = busy.get(worker);
    busy.delete(worker);
    worker.unref();
    idle.push(worker);
    if ('drawn' in answer) chunk?.resolve(answer.drawn);
    else chunk?.reject(new DrawPoolError(answer.failure));
    next();
  }

  function lose(worker: Worker, reason: string): void {
    const place = idle.indexOf(worker);
    if (place >= 0) idle.splice(place, 1);
    busy.get(worker)?.reject(new DrawPoolError(closed ? 'the pool is closed' : reason));
    busy.delete(worker);
    next();
  }

  return {
    threads,
    async draw(tasks) {
      if (closed) throw new DrawPoolError('the pool is closed');
      const parts: Promise<DrawnQuery[]>[] = [];
      for (let start = 0; start < tasks.length; start += CHUNK) {
        const some = tasks.slice(start, start + CHUNK);
        parts.push(new Promise((resolve, reject) => queue.push({ tasks: some, resolve, reject })));
      }
      next();
      return (await Promise.all(parts)).flat();
    },
    async close() {
      closed = true;
      for (const { reject } of queue.splice(0)) reject(new DrawPoolError('the pool is closed'));
      await Promise.all([...idle, ...busy.keys()].map((worker) => worker.terminate()));
    },
  };
}

/** Pixels that every thread sees. */
function shared({ width, height, data }: RgbImage): RgbImage {
  const bytes = new Uint8Array(new SharedArrayBuffer(data.length));
  bytes.set(data);
  return { width, height, data: bytes };
}

/** A view of a larger buffer would be sent with all of it. */
function own(task: DrawTask): DrawTask {
  const { photo } = task;
  if (photo.data.byteLength === photo.data.buffer.byteLength) return task;
  return { ...task, photo: { ...photo, data: photo.data.slice() } };
}
