import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { meanEstimate } from './estimates.js';
import { pairedDifference } from './paired-difference.js';
import { holmCorrection, pairedRandomisationTest } from './paired-test.js';
import { coverage, differenceCoverage, falseAlarms } from './testing/simulate.js';

const hits = (count: number, share: number, seed: string) => {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => (random.uniform() < share ? 1 : 0));
};
const own = (count: number) => [...Array(count).keys()];

/** Percentile interval of a cluster bootstrap, an independent way to the same thing. */
function bootstrap(values: readonly number[], clusters: readonly number[], resamples: number): number[] {
  const random = createRandom('bootstrap');
  const rows = new Map<number, number[]>();
  for (const [row, cluster] of clusters.entries()) rows.set(cluster, [...(rows.get(cluster) ?? []), row]);
  const groups = [...rows.values()];
  const means = Float64Array.from({ length: resamples }, () => {
    const drawn = groups.flatMap(() => groups[random.integer(groups.length)] ?? []);
    return drawn.reduce((sum, row) => sum + (values[row] ?? 0), 0) / drawn.length;
  }).sort();
  return [means[Math.floor(0.025 * resamples)] ?? 0, means[Math.ceil(0.975 * resamples) - 1] ?? 0];
}

describe('meanEstimate', () => {
  it('is the normal interval of a share where there are many queries: half-width 1.96 √(p(1−p)/n)', () => {
    const values = hits(1000, 0.3, 'share');
    const mean = values.reduce((sum, v) => sum + v, 0) / 1000;
    const { ci95, value } = meanEstimate(values, own(1000));
    const half = 1.96 * Math.sqrt((mean * (1 - mean)) / 1000);
    expect(value).toBe(mean);
    expect(ci95[0]).toBeCloseTo(mean - half, 2);
    expect(ci95[1]).toBeCloseTo(mean + half, 2);
  });

  it('agrees with a cluster bootstrap away from the edges, for hits and for reciprocal ranks', () => {
    const random = createRandom('agree');
    const clusters = Array.from({ length: 600 }, (_, i) => Math.floor(i / 3));
    const ofTarget = Array.from({ length: 200 }, () => random.uniform());
    const values = clusters.map(
      (target) => 1 / (1 + Math.floor(6 * random.uniform() * (ofTarget[target] ?? 0))),
    );
    const { ci95 } = meanEstimate(values, clusters);
    const [low = 0, high = 0] = bootstrap(values, clusters, 2000);
    expect(ci95[0]).toBeCloseTo(low, 2);
    expect(ci95[1]).toBeCloseTo(high, 2);
  });

  it('one query says next to nothing, and says so: never 100.0 [100.0, 100.0]', () => {
    const one = meanEstimate([1], ['a']);
    expect(one).toMatchObject({ value: 1, units: 1, tooFew: true });
    expect(one.ci95[0]).toBeLessThan(0.3);
    for (const n of [2, 20, 1000]) {
      for (const share of [0, 1]) {
        const [low, high] = meanEstimate(new Float64Array(n).fill(share), own(n)).ci95;
        expect(high - low).toBeGreaterThan(1 / n);
      }
    }
    expect(meanEstimate(new Float64Array(50).fill(0.5), own(50)).ci95[0]).toBeLessThan(0.45);
  });

  it.each([
    ['20 queries at 5 %', { targets: 20, perTarget: 1, share: 0.05, spread: 0 }],
    ['50 queries at 2 %', { targets: 50, perTarget: 1, share: 0.02, spread: 0 }],
    ['200 queries at 40 %', { targets: 200, perTarget: 1, share: 0.4, spread: 0 }],
    ['100 queries of 20 targets', { targets: 20, perTarget: 5, share: 0.4, spread: 1.5 }],
  ])('covers the truth at least 92 times in 100: %s', (name, population) => {
    expect(coverage(population, 600, name)).toBeGreaterThan(0.92);
    expect(differenceCoverage(population, 600, name)).toBeGreaterThan(0.92);
  });

  it('widens by √5 when five queries share each target and agree', () => {
    const byTarget = hits(300, 0.5, 'clustered');
    const values = Float64Array.from({ length: 1500 }, (_, i) => byTarget[Math.floor(i / 5)] ?? 0);
    const width = (clusters: (string | number)[]) => {
      const { ci95 } = meanEstimate(values, clusters);
      return ci95[1] - ci95[0];
    };
    const targets = own(1500).map((i) => `photo ${Math.floor(i / 5)}`);
    expect(width(targets) / width(own(1500))).toBeCloseTo(Math.sqrt(5), 1);
  });

  it('refuses empty and uneven input', () => {
    expect(() => meanEstimate([], [])).toThrow(/at least one query/);
    expect(() => meanEstimate([1, 2], ['a'])).toThrow(/each of 1 queries, got 2/);
  });
});

describe('pairedDifference with several seeds a side', () => {
  const population = { targets: 300, perTarget: 1, share: 0.4, spread: 0 };

  it('counts the spread between training seeds: comparisons of equals come out below 0.05 about 5 times in 100', () => {
    const options = { seeds: 3, seedSpread: 0.15, trials: 300 };
    expect(falseAlarms(population, options, 'seeds')).toBeLessThan(0.09);
    // Without that level, as before: far too often.
    expect(falseAlarms(population, { ...options, pooled: true }, 'seeds')).toBeGreaterThan(0.12);
  });

  it('finds a difference that every seed shows', () => {
    const column = (share: number, seed: string) => [...hits(400, share, seed)];
    const section = {
      clusters: own(400).map(String),
      weights: own(400).map(() => 1),
      a: [0, 1, 2].map((s) => column(0.4, `a ${s}`)),
      b: [0, 1, 2].map((s) => column(0.55, `b ${s}`)),
    };
    const found = pairedDifference([section], { seed: 'x', permutations: 500, trained: [true, true] });
    expect(found).toMatchObject({ test: 'seeds', identical: false });
    expect(found.p).toBeLessThan(0.02);
    expect(found.ci95[0]).toBeGreaterThan(0);
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
