import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { FusionError, fusedScore, fuseQuery, type QueryPart } from './fuse-query.js';

const DIMENSIONS = 64;
const random = createRandom('fusion');

function unitVector(): Float32Array {
  const values = Float32Array.from({ length: DIMENSIONS }, () => random.normal());
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, d) => sum + value * (b[d] ?? 0), 0);
}

function randomParts(): QueryPart[] {
  const count = 2 + random.integer(4);
  return Array.from({ length: count }, (_, i) => ({
    vector: unitVector(),
    weight: 0.1 + 3 * random.uniform(),
    negative: i > 0 && random.uniform() < 0.4,
    calibration: {
      mean: 0.3 * random.normal(),
      deviation: 0.02 + random.uniform(),
      separation: 0.2 + random.uniform(),
    },
  }));
}

const gallery = Array.from({ length: 200 }, unitVector);
const part = (over: Partial<QueryPart> = {}): QueryPart => ({
  vector: unitVector(),
  weight: 1,
  negative: false,
  ...over,
});

describe('fuseQuery', () => {
  it('gives a single part exactly its own cosines, whatever its weight and calibration', () => {
    const vector = unitVector();
    for (const weight of [1e-300, 0.3, 1, 7, 1e300]) {
      const fused = fuseQuery([part({ vector, weight, calibration: { mean: 0.2, deviation: 0.07 } })]);
      expect(fused.offset).toBe(0);
      expect(fused.vector).toEqual(vector);
      for (const photo of gallery) expect(fusedScore(fused, photo)).toBe(cosine(vector, photo));
    }
  });

  it('treats parts of weight 0 as absent but still reports their similarity', () => {
    const vector = unitVector();
    const silent = part({ weight: 0 });
    const photo = unitVector();
    const fused = fuseQuery([silent, part({ vector, weight: 0.4 })]);
    expect(fused.vector).toEqual(vector);
    expect(fused.contributions(photo)).toEqual([
      { similarity: cosine(silent.vector, photo), value: 0 },
      { similarity: cosine(vector, photo), value: cosine(vector, photo) },
    ]);
  });

  it('makes contributions that add up to the score, for random composites', () => {
    for (let trial = 0; trial < 100; trial++) {
      const parts = randomParts();
      const fused = fuseQuery(parts);
      const photo = unitVector();
      const contributions = fused.contributions(photo);
      expect(contributions).toHaveLength(parts.length);
      const sum = contributions.reduce((total, { value }) => total + value, 0);
      const scale = Math.sqrt(cosine(fused.vector, fused.vector)) + 1;
      expect(Math.abs(sum - fusedScore(fused, photo))).toBeLessThan(1e-6 * scale);
      contributions.forEach(({ similarity }, i) => {
        expect(similarity).toBeCloseTo(cosine(parts[i]?.vector ?? photo, photo), 6);
      });
    }
  });

  it('standardises by the calibration and not by the photos at hand', () => {
    const [a, b] = [unitVector(), unitVector()];
    const photo = unitVector();
    const fused = fuseQuery([
      part({ vector: a, weight: 3, calibration: { mean: 0.1, deviation: 0.05 } }),
      part({ vector: b, weight: 1, negative: true, calibration: { mean: -0.2, deviation: 0.5 } }),
    ]);
    const expected = (0.75 * (cosine(a, photo) - 0.1)) / 0.05 - (0.25 * (cosine(b, photo) + 0.2)) / 0.5;
    expect(fusedScore(fused, photo)).toBeCloseTo(expected, 5);
  });

  it('trusts a part of a style that stands out more, beside others of equal weight, and never when it is alone', () => {
    const [sharp, vague] = [unitVector(), unitVector()];
    const photo = unitVector();
    const calibration = { mean: 0, deviation: 0.1 };
    const fused = fuseQuery([
      part({ vector: sharp, calibration: { ...calibration, separation: 3 } }),
      part({ vector: vague, calibration: { ...calibration, separation: 1 } }),
    ]);
    const expected = 0.75 * (cosine(sharp, photo) / 0.1) + 0.25 * (cosine(vague, photo) / 0.1);
    expect(fusedScore(fused, photo)).toBeCloseTo(expected, 5);
    const alone = fuseQuery([part({ vector: vague, calibration: { ...calibration, separation: 0.1 } })]);
    expect(fusedScore(alone, photo)).toBe(cosine(vague, photo));
  });

  it('finds the meant photo more often than the better part alone, whatever the strengths of two noisy parts', () => {
    const truth = gallery;
    const noisy = (vector: Float32Array, noise: number) =>
      vector.map((value) => value + (noise * random.normal()) / 8);
    for (const [noiseA, noiseB] of [
      [1.2, 1.2],
      [1.2, 4],
      [4, 1],
    ] as const) {
      const cosineOf = (noise: number) => 1 / Math.sqrt(1 + noise * noise);
      const calibrate = (noise: number) => ({ mean: 0, deviation: 1 / 8, separation: 8 * cosineOf(noise) });
      const found = { a: 0, b: 0, both: 0 };
      for (const [target, vector] of truth.entries()) {
        const a = part({ vector: noisy(vector, noiseA), calibration: calibrate(noiseA) });
        const b = part({ vector: noisy(vector, noiseB), calibration: calibrate(noiseB) });
        const first = (parts: QueryPart[]) => {
          const fused = fuseQuery(parts);
          const scores = truth.map((photo) => fusedScore(fused, photo));
          return scores.indexOf(Math.max(...scores)) === target ? 1 : 0;
        };
        found.a += first([a]);
        found.b += first([b]);
        found.both += first([a, b]);
      }
      expect(found.both).toBeGreaterThanOrEqual(Math.max(found.a, found.b));
    }
  });

  it('is not changed when all weights grow by one factor or the parts change places', () => {
    for (let trial = 0; trial < 20; trial++) {
      const parts = randomParts();
      const photo = unitVector();
      const score = fusedScore(fuseQuery(parts), photo);
      const scaled = fuseQuery(parts.map((p) => ({ ...p, weight: p.weight * 17 })));
      const turned = fuseQuery([...parts].reverse());
      expect(fusedScore(scaled, photo)).toBeCloseTo(score, 5);
      expect(fusedScore(turned, photo)).toBeCloseTo(score, 5);
    }
  });

  it('lowers a photo that resembles a negative part and raises one that resembles a positive part', () => {
    const [wanted, unwanted] = [unitVector(), unitVector()];
    const plain = fuseQuery([part({ vector: wanted })]);
    const fused = fuseQuery([part({ vector: wanted }), part({ vector: unwanted, negative: true })]);
    const neutral = fusedScore(fused, unitVector());
    expect(fusedScore(fused, unwanted)).toBeLessThan(neutral);
    expect(fusedScore(fused, wanted)).toBeGreaterThan(neutral);
    expect(fusedScore(plain, unwanted)).toBeGreaterThan(fusedScore(fused, unwanted));
  });

  it('scales a raw vector that is not of unit length, so its size says nothing', () => {
    const vector = unitVector();
    const long = vector.map((value) => value * 40);
    const photo = unitVector();
    expect(fusedScore(fuseQuery([part({ vector: long })]), photo)).toBeCloseTo(cosine(vector, photo), 6);
  });

  it.each<[string, QueryPart[], string]>([
    ['no parts', [], 'QUERY_EMPTY'],
    ['only negative parts', [part({ negative: true })], 'QUERY_NOT_POSITIVE'],
    [
      'a positive part of weight 0 beside a negative one',
      [part({ weight: 0 }), part({ negative: true })],
      'QUERY_NOT_POSITIVE',
    ],
    ['all weights 0', [part({ weight: 0 }), part({ weight: 0 })], 'QUERY_WEIGHTS_ZERO'],
    ['a weight that is not a number', [part({ weight: Number.NaN })], 'QUERY_WEIGHT_INVALID'],
    [
      'an infinite vector value',
      [part({ vector: unitVector().fill(Number.POSITIVE_INFINITY, 3, 4) })],
      'QUERY_VECTOR_INVALID',
    ],
    ['a zero vector', [part({ vector: new Float32Array(DIMENSIONS) })], 'QUERY_VECTOR_INVALID'],
    ['vectors of two lengths', [part(), part({ vector: Float32Array.of(1, 0) })], 'QUERY_DIMENSION_MISMATCH'],
    [
      'a deviation of 0',
      [part({ calibration: { mean: 0, deviation: 0 } }), part()],
      'QUERY_CALIBRATION_INVALID',
    ],
  ])('refuses %s by name', (_what, parts, code) => {
    const run = () => fuseQuery(parts);
    expect(run).toThrow(FusionError);
    expect(run).toThrow(expect.objectContaining({ code }));
  });

  it('refuses to score a photo of another dimension', () => {
    const fused = fuseQuery([part(), part()]);
    expect(() => fused.contributions(Float32Array.of(1))).toThrow(/1 values, the query has 64/);
    expect(() => fusedScore(fused, Float32Array.of(1))).toThrow(FusionError);
  });
});
