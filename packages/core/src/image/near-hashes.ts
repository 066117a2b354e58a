/** Two of the hashes given, by their places in the list, `a < b`. */
export interface NearHashes {
  readonly a: number;
  readonly b: number;
  /** Bits in which they differ. */
  readonly bits: number;
}

/** The most bits in which two hashes may differ to count as near: a picture saved, scaled or lightly edited again
 *  stays below, and of the 5·10⁹ pairs of 100,000 unrelated ones 0.2 come as close by chance (the share of 64-bit
 *  words with at most 7 ones is 4·10⁻¹¹). Above it the search would have to look further; see `nearHashes`. */
export const NEAR_HASH_BITS = 7;

const BANDS = 4;
const BAND_BITS = 16;
const BUCKETS = 2 ** BAND_BITS;

/** Finds every pair of 64-bit hashes that differ in at most `NEAR_HASH_BITS`, without comparing all pairs: multi-index
 *  hashing after Norouzi, Punjani and Fleet 2012. The hash is cut into 4 bands of 16 bits. Where at most 7 bits
 *  differ, some band differs in at most one (4 · 2 > 7); so it is enough to look, band by band, into the buckets of
 *  the 17 values that are that near.
 *  @param hashes signed or unsigned 64-bit integers. @returns each pair once, ordered by `a`. The work is done while
 *  it is iterated, so that a caller may pause between pairs; `null` comes after each hash that was looked up. */
export function* nearHashes(hashes: readonly bigint[]): Generator<NearHashes | null> {
  const low = Uint32Array.from(hashes, (hash) => Number(BigInt.asUintN(32, hash)));
  const high = Uint32Array.from(hashes, (hash) => Number(BigInt.asUintN(32, hash >> 32n)));
  const bands = Array.from({ length: BANDS }, (_, band) =>
    bandOf(band < 2 ? low : high, (band % 2) * BAND_BITS),
  );
  const tables = bands.map(bucketsOf);
  // The last hash that met each one, so that a pair found in two bands comes once.
  const metBy = new Int32Array(hashes.length).fill(-1);
  for (let a = 0; a < hashes.length; a++) {
    for (const [place, band] of bands.entries()) {
      const { starts, members } = tables[place] ?? EMPTY;
      for (let flip = -1; flip < BAND_BITS; flip++) {
        const value = (band[a] ?? 0) ^ (flip < 0 ? 0 : 1 << flip);
        const end = starts[value + 1] ?? 0;
        for (let at = starts[value] ?? 0; at < end; at++) {
          const b = members[at] ?? 0;
          if (b <= a || metBy[b] === a) continue;
          metBy[b] = a;
          const bits = ones((low[a] ?? 0) ^ (low[b] ?? 0)) + ones((high[a] ?? 0) ^ (high[b] ?? 0));
          if (bits <= NEAR_HASH_BITS) yield { a, b, bits };
        }
      }
    }
    yield null;
  }
}

interface Buckets {
  /** Where the bucket of each value begins in `members`; the next one's beginning is its end. */
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
}

const EMPTY: Buckets = { starts: new Uint32Array(), members: new Uint32Array() };

const bandOf = (words: Uint32Array, shift: number): Uint16Array =>
  Uint16Array.from(words, (word) => (word >>> shift) & (BUCKETS - 1));

/** Counting sort by value. */
function bucketsOf(band: Uint16Array): Buckets {
  const starts = new Uint32Array(BUCKETS + 1);
  for (const value of band) starts[value + 1] = (starts[value + 1] ?? 0) + 1;
  for (let value = 0; value < BUCKETS; value++) {
    starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0);
  }
  const next = starts.slice();
  const members = new Uint32Array(band.length);
  for (const [i, value] of band.entries()) {
    const at = next[value] ?? 0;
    members[at] = i;
    next[value] = at + 1;
  }
  return { starts, members };
}

/** Ones of a 32-bit word, counted in parallel (Warren, Hacker's Delight). */
function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  v = (v + (v >>> 4)) & 0x0f0f0f0f;
  return Math.imul(v, 0x01010101) >>> 24;
}
