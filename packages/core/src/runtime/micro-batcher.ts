import { CoreError } from '../errors.js';

export interface BatcherOptions<T, R> {
  /** Works on one batch, 1 to `maxBatch` items; gives one result an item, in their order. Never runs twice at once. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
  /** Most items in one run, at least 1. */
  readonly maxBatch: number;
  /** How long the first item of a batch waits for company, in milliseconds; 0 waits for the current turn only. */
  readonly maxWaitMs: number;
}

/** Gathers single calls into batches. */
export interface Batcher<T, R> {
  /** Resolves with this item's result. Where a batch fails, it is cut in halves until only the items
   *  that fail alone are rejected. @throws {BatcherClosedError} after {@link close}. */
  submit(item: T): Promise<R>;
  /** Results in the order of the items; rejects with the first error. An empty list gives an empty list. */
  submitAll(items: readonly T[]): Promise<R[]>;
  /** Takes no more items, works off those waiting, and resolves when all are answered. */
  close(): Promise<void>;
}

/** An item was submitted to a batcher that is closed. */
export class BatcherClosedError extends CoreError {
  constructor() {
    super('BATCHER_CLOSED', 'micro-batcher: an item was submitted after close(); open a new one');
  }
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
}

/** Starts a batcher. A batch leaves when it is full, when its first item has waited `maxWaitMs`, or, behind a
 *  running batch, as soon as that one ends: under load the batches fill themselves.
 *  @throws {RangeError} for a batch size below 1 or a negative wait. */
export function createBatcher<T, R>(options: BatcherOptions<T, R>): Batcher<T, R> {
  const { run, maxBatch, maxWaitMs } = options;
  if (!Number.isInteger(maxBatch) || maxBatch < 1 || !(maxWaitMs >= 0)) {
    throw new RangeError(
      `createBatcher: expected maxBatch ≥ 1 and maxWaitMs ≥ 0, got ${maxBatch} and ${maxWaitMs}`,
    );
  }
  const queue: Waiting<T, R>[] = [];
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<void> | null = null;
  let closed = false;

  const work = async (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    while (queue.length > 0) await settle(run, queue.splice(0, maxBatch));
    // In the same turn as the last look at the queue: an item that comes a turn later must start anew.
    working = null;
  };
  const start = (): void => {
    if (queue.length > 0 && !working) working = work();
  };
  const submit = (item: T): Promise<R> => {
    if (closed) return Promise.reject(new BatcherClosedError());
    return new Promise<R>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (working) return;
      if (queue.length >= maxBatch) start();
      else timer ??= setTimeout(start, maxWaitMs);
    });
  };
  return {
    submit,
    submitAll: (items) => Promise.all(items.map(submit)),
    async close() {
      closed = true;
      start();
      await working;
    },
  };
}

/** Runs a batch and answers every caller; never rejects itself. */
async function settle<T, R>(
  run: BatcherOptions<T, R>['run'],
  batch: readonly Waiting<T, R>[],
): Promise<void> {
  try {
    const results = await run(batch.map(({ item }) => item));
    if (results.length !== batch.length) {
      throw new RangeError(`micro-batcher: ${batch.length} items gave ${results.length} results`);
    }
    for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R);
  } catch (error) {
    const half = batch.length >> 1;
    if (half === 0) {
      for (const { reject } of batch) reject(error);
      return;
    }
    await settle(run, batch.slice(0, half));
    await settle(run, batch.slice(half));
  }
}
