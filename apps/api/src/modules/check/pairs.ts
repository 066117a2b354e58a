import type { LikePair } from './repository.js';

/** Pairs of photos that look alike, each once, in whichever way it was found. */
export interface Pairs {
  readonly size: number;
  byHash(one: string, other: string, bits: number): void;
  byVector(one: string, other: string, similarity: number): void;
  list(): LikePair[];
}

// A series of frames would otherwise fill the table with the square of its length. Whoever is left out here still
// stands beside other members of the series.
const MAX_OF_ONE = 20;

export function createPairs(): Pairs {
  const pairs = new Map<string, { hashBits: number | null; similarity: number | null }>();
  const counts = new Map<string, number>();
  const countOf = (id: string): number => counts.get(id) ?? 0;

  function pairOf(one: string, other: string) {
    const [imageId, otherId] = one < other ? [one, other] : [other, one];
    const key = `${imageId}:${otherId}`;
    const known = pairs.get(key);
    if (known) return known;
    if (countOf(one) >= MAX_OF_ONE && countOf(other) >= MAX_OF_ONE) return null;
    const fresh = { hashBits: null, similarity: null };
    pairs.set(key, fresh);
    for (const id of [one, other]) counts.set(id, countOf(id) + 1);
    return fresh;
  }

  return {
    get size() {
      return pairs.size;
    },
    byHash(one, other, bits) {
      const pair = pairOf(one, other);
      if (pair) pair.hashBits = bits;
    },
    byVector(one, other, similarity) {
      const pair = pairOf(one, other);
      // Rounding may lead a little above 1.
      if (pair) pair.similarity = Math.min(1, similarity);
    },
    list: () =>
      [...pairs].map(([key, found]) => {
        const [imageId = '', otherId = ''] = key.split(':');
        return { imageId, otherId, ...found };
      }),
  };
}
