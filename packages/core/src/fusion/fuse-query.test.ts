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
  it('ranks by a single part exactly as its cosines do, and scores in deviations of its background, whatever its weight', () => {
    const vector = unitVector();
    const calibration = { mean: 0.2, deviation: 0.07, separation: 3 };
    const order = [...gallery].sort((a, b) => cosine(vector, b) - cosine(vector, a));
    for (const weight of [1e-300, 0.3, 1, 7, 100]) {
      const fused = fuseQuery([part({ vector, weight, calibration })]);
      expect([...gallery].sort((a, b) => fusedScore(fused, b) - fusedScore(fused, a))).toEqual(order);
      for (const photo of gallery) {
        expect(fusedScore(fused, photo)).toBeCloseTo((cosine(vector, photo) - 0.2) / 0.07, 9);
      }
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

  it('makes contributions that add up to the score, which without negatives is the inner product', () => {
    for (let trial = 0; trial < 100; trial++) {
      const parts = randomParts().map((one) => ({ ...one, negative: trial % 2 === 1 && one.negative }));
      const fused = fuseQuery(parts);
      const photo = unitVector();
      const contributions = fused.contributions(photo);
      expect(contributions).toHaveLength(parts.length);
      const sum = contributions.reduce((total, { value }) => total + value, 0);
      expect(Math.abs(sum - fusedScore(fused, photo))).toBeLessThan(1e-9);
      const positives = cosine(fused.vector, photo) + fused.offset;
      if (trial % 2 === 0) expect(Math.abs(sum - positives)).toBeLessThan(1e-5 * (1 + Math.abs(sum)));
      expect(sum).toBeLessThanOrEqual(positives + 1e-4);
      contributions.forEach(({ similarity }, i) => {
        expect(similarity).toBeCloseTo(cosine(parts[i]?.vector ?? photo, photo), 6);
      });
    }
  });

  it('keeps one scale: over the background a query of any number of parts has deviation 1', () => {
    const many = Array.from({ length: 4000 }, unitVector);
    const spreadOf = (parts: QueryPart[]) => {
      const scores = many.map((photo) => fusedScore(fuseQuery(parts), photo));
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      return Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
    };
    const calibration = { mean: 0, deviation: 1 / Math.sqrt(DIMENSIONS) };
    const [a, b] = [part({ calibration }), part({ calibration, weight: 3 })];
    const blend = part({ calibration, vector: a.vector.map((value, d) => value + (b.vector[d] ?? 0)) });
    for (const parts of [[a], [a, a], [a, b], [a, blend, b, part({ calibration })]]) {
      expect(spreadOf(parts), `${parts.length} parts`).toBeGreaterThan(0.9);
      expect(spreadOf(parts), `${parts.length} parts`).toBeLessThan(1.1);
    }
  });

  it('scores the same part given twice as it scores it once', () => {
    const one = part({ calibration: { mean: 0.1, deviation: 0.05, separation: 2 } });
    for (const photo of gallery.slice(0, 20)) {
      expect(fusedScore(fuseQuery([one, one]), photo)).toBeCloseTo(fusedScore(fuseQuery([one]), photo), 5);
    }
  });

  it('standardises by the calibration and not by the photos at hand', () => {
    const [a, b] = [unitVector(), unitVector()];
    const photo = unitVector();
    const fused = fuseQuery([
      part({ vector: a, weight: 3, calibration: { mean: 0.1, deviation: 0.05 } }),
      part({ vector: b, weight: 1, negative: true, calibration: { mean: -0.9, deviation: 0.5 } }),
    ]);
    const expected = (cosine(a, photo) - 0.1) / 0.05 - ((1 / 3) * (cosine(b, photo) + 0.9)) / 0.5;
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
    const alike = Math.max(0, cosine(sharp, vague));
    const scale = Math.sqrt(9 + 1 + 2 * 3 * alike);
    const expected = (3 * (cosine(sharp, photo) / 0.1) + cosine(vague, photo) / 0.1) / scale;
    expect(fusedScore(fused, photo)).toBeCloseTo(expected, 5);
    const alone = fuseQuery([part({ vector: vague, calibration: { ...calibration, separation: 0.1 } })]);
    expect(fusedScore(alone, photo)).toBeCloseTo(cosine(vague, photo) / 0.1, 9);
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

  it('lets negatives only push down: no photo scores more with them than without', () => {
    for (let trial = 0; trial < 50; trial++) {
      const parts = randomParts();
      const fused = fuseQuery(parts);
      for (const photo of gallery.slice(0, 40)) {
        const values = fused.contributions(photo).map(({ value }) => value);
        parts.forEach(({ negative }, i) => {
          if (negative) expect(values[i]).toBeLessThanOrEqual(0);
        });
        expect(fusedScore(fused, photo)).toBeLessThanOrEqual(
          cosine(fused.vector, photo) + fused.offset + 1e-4,
        );
      }
    }
  });

  it('lowers a photo that resembles a negative part, and leaves one that does not where it was', () => {
    const [wanted, unwanted] = [unitVector(), unitVector()];
    const opposite = unwanted.map((value) => -value);
    const plain = fuseQuery([part({ vector: wanted })]);
    const fused = fuseQuery([part({ vector: wanted }), part({ vector: unwanted, negative: true })]);
    expect(fusedScore(fused, unwanted)).toBeLessThan(fusedScore(plain, unwanted) - 0.5);
    expect(fusedScore(fused, opposite)).toBe(fusedScore(plain, opposite));
  });

  it('leaves nothing above the background of a part that is taken away from itself', () => {
    const one = part({ calibration: { mean: 0.05, deviation: 0.1 } });
    const fused = fuseQuery([one, { ...one, negative: true }]);
    for (const photo of [...gallery, one.vector]) expect(fusedScore(fused, photo)).toBeLessThanOrEqual(1e-9);
  });

  it('takes negatives alone: nobody scores above 0, and who resembles them least is not below others that do not', () => {
    const unwanted = unitVector();
    const fused = fuseQuery([part({ vector: unwanted, negative: true })]);
    expect(fused.vector.every((value) => value === 0)).toBe(true);
    expect(fusedScore(fused, unwanted)).toBeCloseTo(-1, 5);
    expect(
      fusedScore(
        fused,
        unwanted.map((value) => -value),
      ),
    ).toBe(0);
  });

  it('scales a raw vector that is not of unit length, so its size says nothing', () => {
    const vector = unitVector();
    const long = vector.map((value) => value * 40);
    const photo = unitVector();
    expect(fusedScore(fuseQuery([part({ vector: long })]), photo)).toBeCloseTo(cosine(vector, photo), 6);
  });

  it.each<[string, QueryPart[], string]>([
    ['no parts', [], 'QUERY_EMPTY'],
    ['a weight below 0', [part({ weight: -1 })], 'QUERY_WEIGHT_INVALID'],
    ['a weight above 100', [part({ weight: 100.5 })], 'QUERY_WEIGHT_INVALID'],
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
