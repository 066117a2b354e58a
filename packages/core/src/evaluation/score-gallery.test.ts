import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { EvaluationError, matrixRow, stackVectors } from './embedding-matrix.js';
import { scoreGallery } from './score-gallery.js';

const random = createRandom('scores');
const vectors = (count: number, dimensions: number) =>
  Array.from({ length: count }, () => Float32Array.from({ length: dimensions }, () => random.normal()));

describe('scoreGallery', () => {
  it('gives every query its dot product with every photo, whatever is left over by the blocks', async () => {
    for (const count of [1, 2, 3, 4, 5, 9]) {
      const queries = stackVectors(vectors(count, 7), 'queries');
      const gallery = stackVectors(vectors(11, 7), 'gallery');
      const seen: number[] = [];
      await scoreGallery(queries, gallery, (query, scores) => {
        seen.push(query);
        scores.forEach((score, photo) => {
          const row = matrixRow(gallery, photo);
          const expected = matrixRow(queries, query).reduce(
            (sum, value, d) => sum + value * (row[d] ?? 0),
            0,
          );
          expect(score).toBeCloseTo(expected, 10);
        });
      });
      expect(seen).toEqual([...Array(count).keys()]);
    }
  });

  it('scores 5,000 queries of 256 values against 1,000 photos in seconds of processor time', async () => {
    const queries = stackVectors(vectors(5000, 256), 'queries');
    const gallery = stackVectors(vectors(1000, 256), 'gallery');
    const started = process.cpuUsage();
    let best = Number.NEGATIVE_INFINITY;
    await scoreGallery(queries, gallery, (_query, scores) => {
      best = Math.max(best, scores[0] ?? best);
    });
    // Processor time, not the clock: a busy machine must not fail this. About a second; the bound catches a slip in the
    // inner loop, which would cost tens.
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(8);
    expect(Number.isFinite(best)).toBe(true);
  });

  it('refuses two spaces of different dimensions', async () => {
    const run = () =>
      scoreGallery(stackVectors(vectors(1, 3), 'q'), stackVectors(vectors(1, 4), 'g'), () => undefined);
    await expect(run()).rejects.toThrow(/3 dimensions, the gallery 4/);
  });
});

describe('stackVectors', () => {
  it('refuses no vectors, vectors of two lengths and values that are not finite, by row', () => {
    expect(() => stackVectors([], 'gallery')).toThrow(EvaluationError);
    expect(() => stackVectors([Float32Array.of(1, 2), Float32Array.of(1)], 'gallery')).toThrow(
      /vector 1 has 1/,
    );
    expect(() => stackVectors([Float32Array.of(1, Number.NaN)], 'gallery')).toThrow(
      /value 1 of vector 0 is NaN/,
    );
  });
});
