import { expect, it } from 'vitest';
import { absorb, type IndexSegment } from './vector-index.js';

const pieces = (...ends: number[]): IndexSegment[] =>
  ends.map((to, i) => ({ name: `i${i}`, from: BigInt(ends[i - 1] ?? 0), to: BigInt(to) }));

it('leaves a piece alone that is more than twice what came after it', () => {
  expect(absorb(pieces(100_000), 110_000n)).toEqual([]);
});

it('takes in pieces from the last on while they are no more than twice as large', () => {
  const all = pieces(100_000, 110_000, 114_000);
  expect(absorb(all, 116_000n).map(({ name }) => name)).toEqual(['i1', 'i2']);
  expect(absorb(pieces(3000), 6000n).map(({ name }) => name)).toEqual(['i0']);
});

it('keeps few pieces however a gallery grows', () => {
  let held: IndexSegment[] = [];
  let indexed = 0;
  const steps = 200;
  for (let step = 1; step <= steps; step++) {
    const to = BigInt(step * 2500);
    const taken = absorb(held, to);
    const from = taken[0]?.from ?? held.at(-1)?.to ?? 0n;
    held = [...held.slice(0, held.length - taken.length), { name: String(step), from, to }];
    indexed += Number(to - from);
  }
  expect(held.length).toBeLessThanOrEqual(8);
  // Each photo is indexed a few times at most.
  expect(indexed / (steps * 2500)).toBeLessThan(8);
});
