import { describe, expect, test } from 'vitest';
import { symbol } from '../onnx/dims.js';
import { constant, createGraph, input, output } from '../onnx/graph.js';
import { matMul } from '../onnx/ops/index.js';
import { BatcherClosedError, createBatcher } from './micro-batcher.js';
import { createSession, float32 } from './session.js';
import { bucketSize, padRows, takeRows } from './shape-buckets.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Doubles numbers and remembers the size of each batch; refuses negative numbers. */
function doubling(maxBatch: number, maxWaitMs = 5) {
  const sizes: number[] = [];
  const batcher = createBatcher<number, number>({
    maxBatch,
    maxWaitMs,
    run: async (items) => {
      sizes.push(items.length);
      await pause(2);
      const bad = items.find((item) => item < 0);
      if (bad !== undefined) throw new RangeError(`refused ${bad}`);
      return items.map((item) => item * 2);
    },
  });
  return { batcher, sizes };
}

describe('micro-batcher', () => {
  test('calls made together run as one batch and each gets its own result', async () => {
    const { batcher, sizes } = doubling(8);
    expect(await batcher.submitAll([1, 2, 3])).toEqual([2, 4, 6]);
    expect(sizes).toEqual([3]);
  });

  test('no batch is larger than maxBatch and order is kept', async () => {
    const { batcher, sizes } = doubling(4);
    const items = Array.from({ length: 10 }, (_, index) => index);
    expect(await batcher.submitAll(items)).toEqual(items.map((item) => item * 2));
    expect(sizes).toEqual([4, 4, 2]);
  });

  test('items that come while a batch runs leave together when it ends', async () => {
    const { batcher, sizes } = doubling(8, 0);
    const first = batcher.submit(1);
    await pause(1);
    const rest = batcher.submitAll([2, 3, 4]);
    expect([await first, ...(await rest)]).toEqual([2, 4, 6, 8]);
    expect(sizes).toEqual([1, 3]);
  });

  test('an item alone waits no longer than the window', async () => {
    const { batcher } = doubling(8, 10);
    const started = performance.now();
    expect(await batcher.submit(4)).toBe(8);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('a bad item is refused alone; its companions are answered', async () => {
    const { batcher } = doubling(8);
    const settled = await Promise.allSettled([1, 2, -3, 4, 5].map((item) => batcher.submit(item)));
    expect(settled.map((result) => (result.status === 'fulfilled' ? result.value : 'refused'))).toEqual([
      2,
      4,
      'refused',
      8,
      10,
    ]);
    expect((settled[2] as PromiseRejectedResult).reason.message).toBe('refused -3');
    expect(await batcher.submit(6)).toBe(12);
  });

  test('an item sent right behind an answer is answered too', async () => {
    const { batcher } = doubling(2, 0);
    for (let item = 0; item < 20; item++) expect(await batcher.submit(item)).toBe(2 * item);
    const items = [1, 2];
    for (let round = 0; round < 20; round++) expect(await batcher.submitAll(items)).toEqual([2, 4]);
  });

  test('a run that loses a result is an error, not a hang', async () => {
    const batcher = createBatcher<number, number>({ maxBatch: 4, maxWaitMs: 0, run: async () => [] });
    await expect(batcher.submitAll([1, 2])).rejects.toThrow('1 items gave 0 results');
  });

  test('close answers what waits and refuses what comes later', async () => {
    const { batcher, sizes } = doubling(2, 60_000);
    const waiting = [1, 2, 3].map((item) => batcher.submit(item));
    await batcher.close();
    expect(await Promise.all(waiting)).toEqual([2, 4, 6]);
    expect(sizes).toEqual([2, 1]);
    await expect(batcher.submit(1)).rejects.toBeInstanceOf(BatcherClosedError);
  });

  test('sizes that make no sense are refused', () => {
    const run = async () => [];
    expect(() => createBatcher({ run, maxBatch: 0, maxWaitMs: 1 })).toThrow(RangeError);
    expect(() => createBatcher({ run, maxBatch: 1, maxWaitMs: -1 })).toThrow(RangeError);
  });
});

describe('shape buckets', () => {
  test('a batch is rounded up to a power of two, at most the maximum', () => {
    expect([1, 2, 3, 5, 8, 9, 17, 24].map((count) => bucketSize(count, 24))).toEqual([
      1, 2, 4, 8, 8, 16, 24, 24,
    ]);
    expect(() => bucketSize(0, 8)).toThrow(RangeError);
    expect(() => bucketSize(9, 8)).toThrow(RangeError);
    expect(() => bucketSize(1.5, 8)).toThrow(RangeError);
  });

  test('padded rows change no result on the runtime, and few shapes reach it', async () => {
    const graph = createGraph('rows');
    const x = input(graph, 'x', [symbol('batch'), 2]);
    output(graph, 'y', matMul(x, constant(graph, Float32Array.of(1, 2, 3, 4), [2, 2])));
    const session = await createSession(graph, { threads: 1 });
    const shapes = new Set<number>();
    const batcher = createBatcher<readonly [number, number], number[]>({
      maxBatch: 8,
      maxWaitMs: 1,
      run: async (items) => {
        const bucket = bucketSize(items.length, 8);
        shapes.add(bucket);
        const feed = padRows(float32(Float32Array.from(items.flat()), [items.length, 2]), bucket);
        const { y } = await session.run({ x: feed });
        if (!y) throw new Error('no y');
        const { data } = takeRows(y, items.length);
        return items.map((_, row) => Array.from(data.subarray(2 * row, 2 * row + 2) as Float32Array));
      },
    });
    for (let count = 1; count <= 8; count++) {
      const items = Array.from({ length: count }, (_, index) => [index, 1] as const);
      const expected = items.map(([a, b]) => [a + 3 * b, 2 * a + 4 * b]);
      expect(await batcher.submitAll(items)).toEqual(expected);
    }
    expect([...shapes]).toEqual([1, 2, 4, 8]);
    await batcher.close();
    await session.close();
  });
});
