/** A seeded source of random numbers: the same seed gives the same stream on every machine. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Uniform integer in [0, limit), without modulo bias. `limit` is a whole number in [1, 2^32]. */
  integer(limit: number): number;
  /** Standard normal (mean 0, deviation 1). */
  normal(): number;
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
  /** An independent stream for a named purpose; drawing from it does not move this one. */
  fork(name: string): Random;
  /** The generator's state: four unsigned 32-bit words and the normal held back, or NaN. */
  state(): RandomState;
}

/** What a checkpoint keeps so that a stream goes on where it was. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spareNormal: number | null;
}

/** Starts a stream from a seed: sfc32 (Doty-Humphrey's Small Fast Counting generator, PractRand), seeded by splitmix32.
 *  @param seed any number or text; numbers are taken by their decimal form, so 1 and 1.5 differ. */
export function createRandom(seed: number | string): Random {
  const next = splitmix32(hashText(String(seed)));
  const random = restoreRandom({ words: [next(), next(), next(), 1], spareNormal: null });
  // sfc32's first outputs still resemble its seed; its author's seeding discards twelve.
  for (let i = 0; i < 12; i++) random.uniform();
  return random;
}

/** Goes on from a state taken with `state()`. */
export function restoreRandom(from: RandomState): Random {
  let [a, b, c, counter] = from.words;
  let spare = from.spareNormal;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  const integer = (limit: number): number => {
    // Draws above the largest multiple of `limit` are thrown away: the rest are evenly spread.
    const fair = 2 ** 32 - (2 ** 32 % limit);
    let drawn = next();
    while (drawn >= fair) drawn = next();
    return drawn % limit;
  };
  const normal = (): number => {
    if (spare !== null) {
      const held = spare;
      spare = null;
      return held;
    }
    // Box-Muller; 1 − u keeps the logarithm's argument above 0.
    const radius = Math.sqrt(-2 * Math.log(1 - next() / 2 ** 32));
    const angle = 2 * Math.PI * (next() / 2 ** 32);
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    uniform: () => next() / 2 ** 32,
    integer,
    normal,
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [items[i], items[j]] = [items[j], items[i]];
      }
      return items;
    },
    fork: (name) => createRandom(`${a >>> 0}:${b >>> 0}:${c >>> 0}:${counter >>> 0}:${name}`),
    state: () => ({ words: [a >>> 0, b >>> 0, c >>> 0, counter >>> 0], spareNormal: spare }),
  };
}

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Steele, Lea and Flood 2014, in its 32-bit form with the murmur3 finaliser. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}
