import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../random.js';
import { calibratePhotos, calibrateScores } from './calibrate-scores.js';

const WIDTH = 32;

/** Photos, and a query near each: its photo plus noise. */
function noisyQueries(noise: number) {
  const random = createRandom('calibrate');
  const unit = (values: Float32Array) => {
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  };
  const draw = () => Float32Array.from({ length: WIDTH }, () => random.normal());
  const photos = Array.from({ length: 200 }, () => unit(draw()));
  const queries = photos.map((photo) => {
    const off = draw();
    return unit(photo.map((value, i) => value + (noise * (off[i] ?? 0)) / Math.sqrt(WIDTH)));
  });
  return { gallery: Float32Array.from(photos.flatMap((photo) => [...photo])), queries };
}

const each = Array.from({ length: 200 }, (_, i) => [i]);

describe('separation of a style', () => {
  it('is how many deviations a positive stands above the others: cos / (1/√width) for random photos', () => {
    for (const noise of [0.5, 1, 3]) {
      const { gallery, queries } = noisyQueries(noise);
      const { mean, deviation, separation } = calibrateScores(queries, gallery, each);
      expect(mean).toBeCloseTo(0, 1);
      expect(deviation).toBeCloseTo(1 / Math.sqrt(WIDTH), 2);
      expect(Math.abs((separation ?? 0) - Math.sqrt(WIDTH) / Math.sqrt(1 + noise * noise))).toBeLessThan(
        0.35,
      );
    }
  });

  it('stays above 0 for queries that find nothing', () => {
    const { gallery, queries } = noisyQueries(0.5);
    const opposite = queries.map((query) => query.map((value) => -value));
    expect(calibrateScores(opposite, gallery, each).separation).toBe(0.1);
  });

  it('is that of queries with one positive, where there are any, and absent where no query has any here', () => {
    const { gallery, queries } = noisyQueries(1);
    const half = each.map((target, i) =>
      i < 100 ? target : [i, ...Array.from({ length: 50 }, (_, j) => j)],
    );
    const single = calibrateScores(queries.slice(0, 100), gallery, each.slice(0, 100)).separation ?? 0;
    expect(Math.abs((calibrateScores(queries, gallery, half).separation ?? 0) - single)).toBeLessThan(0.1);
    expect(
      calibrateScores(
        queries,
        gallery,
        each.map(() => []),
      ),
    ).not.toHaveProperty('separation');
  });
});

describe('photos as queries', () => {
  it('mean those next to them: tight groups stand far above the rest, photos at random hardly', () => {
    const random = createRandom('alike');
    const rows = (noise: number) =>
      Array.from({ length: 20 }, () => Float32Array.from({ length: WIDTH }, () => random.normal())).flatMap(
        (centre) =>
          Array.from({ length: 21 }, () => centre.map((value) => value + noise * random.normal())).map(
            (row) => row.map((value) => value / Math.hypot(...row)),
          ),
      );
    const measure = (noise: number) =>
      calibratePhotos(Float32Array.from(rows(noise).flatMap((row) => [...row])), WIDTH, 200);
    const [tight, loose] = [measure(0.2), measure(20)];
    // All positives are of the photo's own group, at a cosine of 1 / (1 + 0.2²).
    expect(Math.abs((tight?.separation ?? 0) - Math.sqrt(WIDTH) / 1.04)).toBeLessThan(0.5);
    expect(loose?.separation).toBeLessThan(2.5);
    expect(tight?.deviation).toBeCloseTo(1 / Math.sqrt(WIDTH), 1);
  });

  it('tell nothing in a gallery of two', () => {
    expect(calibratePhotos(new Float32Array(2 * WIDTH).fill(1 / Math.sqrt(WIDTH)), WIDTH, 200)).toBeNull();
  });
});
