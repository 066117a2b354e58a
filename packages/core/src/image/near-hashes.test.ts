import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { NEAR_HASH_BITS, type NearHashes, nearHashes } from './near-hashes.js';
import { hashDistance } from './perceptual-hash.js';

const random = createRandom('near hashes');
const word = (): bigint =>
  BigInt.asIntN(64, (BigInt(random.integer(2 ** 32)) << 32n) | BigInt(random.integer(2 ** 32)));

function flipped(hash: bigint, bits: number): bigint {
  const places = random.shuffle(Array.from({ length: 64 }, (_, i) => i)).slice(0, bits);
  return BigInt.asIntN(
    64,
    places.reduce((value, place) => value ^ (1n << BigInt(place)), hash),
  );
}

const found = (hashes: readonly bigint[]): NearHashes[] =>
  [...nearHashes(hashes)].filter((pair) => pair !== null);

function allPairs(hashes: readonly bigint[]): NearHashes[] {
  const pairs: NearHashes[] = [];
  hashes.forEach((one, a) => {
    for (let b = a + 1; b < hashes.length; b++) {
      const bits = hashDistance(one, hashes[b] ?? 0n);
      if (bits <= NEAR_HASH_BITS) pairs.push({ a, b, bits });
    }
  });
  return pairs;
}

const sorted = (pairs: readonly NearHashes[]) => [...pairs].sort((x, y) => x.a - y.a || x.b - y.b);

describe('near hashes', () => {
  it('are exactly those that comparing every pair finds, at every distance around the bound', () => {
    const hashes: bigint[] = [];
    for (let i = 0; i < 60; i++) {
      const hash = word();
      hashes.push(hash);
      for (let bits = 0; bits <= 12; bits++) hashes.push(flipped(hash, bits));
    }
    random.shuffle(hashes);
    const expected = allPairs(hashes);
    expect(expected.length).toBeGreaterThan(400);
    expect(new Set(expected.map(({ bits }) => bits)).size).toBe(8);
    expect(sorted(found(hashes))).toEqual(sorted(expected));
  });

  it('are found where all differing bits lie at the seams of the bands', () => {
    for (const places of [
      [15, 16, 31, 32, 47, 48, 63],
      [0, 1, 16, 17, 32, 33, 48],
      [9, 10, 11, 12, 13, 14, 15],
    ]) {
      const hash = word();
      const other = places.reduce((value, place) => value ^ (1n << BigInt(place)), hash);
      expect(found([hash, BigInt.asIntN(64, other)])).toEqual([{ a: 0, b: 1, bits: 7 }]);
    }
  });

  it('of one hash, of none, and of the lowest and the highest number', () => {
    expect(found([])).toEqual([]);
    expect(found([5n])).toEqual([]);
    expect(found([-(2n ** 63n), 2n ** 63n - 1n, 2n ** 63n - 1n])).toEqual([{ a: 1, b: 2, bits: 0 }]);
  });

  it('of 100,000 are found in seconds, where all pairs would take minutes', () => {
    const hashes = Array.from({ length: 100_000 }, word);
    const near = flipped(hashes[77_777] ?? 0n, 7);
    hashes[123] = near;
    const before = process.cpuUsage();
    const pairs = found(hashes);
    // About a second of this process's own time; all pairs are 5·10⁹.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(10);
    expect(pairs).toContainEqual({ a: 123, b: 77_777, bits: 7 });
  });
});
