import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { bootstrapIntervals, quantile } from './bootstrap.js';
import { holmCorrection, pairedRandomisationTest } from './paired-test.js';

const hits = (count: number, share: number, seed: string) => {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => (random.uniform() < share ? 1 : 0));
};
const own = (count: number) => [...Array(count).keys()];

describe('bootstrapIntervals', () => {
  it('matches the normal interval of a share: half-width 1.96 √(p(1−p)/n)', () => {
    const values = hits(1000, 0.3, 'share');
    const mean = values.reduce((sum, v) => sum + v, 0) / 1000;
    const [interval] = bootstrapIntervals([values], own(1000), { random: createRandom(1), resamples: 4000 });
    const half = 1.96 * Math.sqrt((mean * (1 - mean)) / 1000);
    expect(interval?.[0]).toBeCloseTo(mean - half, 2);
    expect(interval?.[1]).toBeCloseTo(mean + half, 2);
  });

  it('covers the truth about 95 times in 100', () => {
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const random = createRandom(`coverage ${trial}`);
      const [interval] = bootstrapIntervals([hits(200, 0.4, `${trial}`)], own(200), {
        random,
        resamples: 300,
      });
      if (interval !== undefined && interval[0] <= 0.4 && 0.4 <= interval[1]) covered++;
    }
    expect(covered).toBeGreaterThan(180);
    expect(covered).toBeLessThan(200);
  });

  it('widens by √5 when five queries share each target and agree', () => {
    const byTarget = hits(300, 0.5, 'clustered');
    const values = Float64Array.from({ length: 1500 }, (_, i) => byTarget[Math.floor(i / 5)] ?? 0);
    const targets = Array.from({ length: 1500 }, (_, i) => `photo ${Math.floor(i / 5)}`);
    const width = (clusters: (string | number)[]) => {
      const [interval] = bootstrapIntervals([values], clusters, { random: createRandom(2), resamples: 3000 });
      return (interval?.[1] ?? 0) - (interval?.[0] ?? 0);
    };
    expect(width(targets) / width(own(1500))).toBeCloseTo(Math.sqrt(5), 0);
    expect(width(targets)).toBeGreaterThan(2 * width(own(1500)));
  });

  it('is the same for the same seed and refuses empty or uneven input', () => {
    const run = () => bootstrapIntervals([hits(50, 0.5, 's')], own(50), { random: createRandom(9) });
    expect(run()).toEqual(run());
    expect(() => bootstrapIntervals([[]], [], { random: createRandom(1) })).toThrow(/at least one query/);
    expect(() => bootstrapIntervals([[1, 2]], ['a'], { random: createRandom(1) })).toThrow(
      /each of 1 queries, got 2/,
    );
  });

  it('takes quantiles between order statistics as numpy does', () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  });
});

describe('pairedRandomisationTest', () => {
  const test = (a: ArrayLike<number>, b: ArrayLike<number>, clusters = own(a.length)) =>
    pairedRandomisationTest(a, b, clusters, { random: createRandom(4), permutations: 4000 });

  it('gives the exact probability of a small case: 8 wins of 8 are 2 of 256 sign patterns', () => {
    const result = test(new Float64Array(8), new Float64Array(8).fill(1));
    expect(result.difference).toBe(1);
    expect(result.p).toBeGreaterThan(0.003);
    expect(result.p).toBeLessThan(0.014);
  });

  it('finds nothing between equal runs and little between two draws of one encoder', () => {
    const run = hits(500, 0.5, 'a');
    expect(test(run, run)).toMatchObject({ difference: 0, p: 1 });
    expect(test(run, hits(500, 0.5, 'b')).p).toBeGreaterThan(0.05);
  });

  it('counts queries of one target as one witness', () => {
    const a = new Float64Array(20);
    const b = new Float64Array(20).fill(1);
    const targets = Array.from({ length: 20 }, (_, i) => i % 2);
    expect(test(a, b).p).toBeLessThan(0.001);
    expect(test(a, b, targets).p).toBeGreaterThan(0.4);
  });

  it('is even-handed: about 5 % of comparisons of equals come out below 0.05', () => {
    let below = 0;
    for (let trial = 0; trial < 300; trial++) {
      const [a, b] = [hits(60, 0.5, `a${trial}`), hits(60, 0.5, `b${trial}`)];
      const { p } = pairedRandomisationTest(a, b, own(60), {
        random: createRandom(trial),
        permutations: 400,
      });
      if (p < 0.05) below++;
    }
    expect(below).toBeLessThan(27);
  });
});

describe('holmCorrection', () => {
  it('gives a case worked out by hand: 4·0.005, 3·0.01, 2·0.03, and never less than the one before', () => {
    const adjusted = holmCorrection([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((value, i) => {
      expect(adjusted[i]).toBeCloseTo(value, 12);
    });
  });

  it('never goes above 1 nor below the raw value, and takes an empty list', () => {
    expect(holmCorrection([0.9, 0.8])).toEqual([1, 1]);
    expect(holmCorrection([])).toEqual([]);
  });
});
