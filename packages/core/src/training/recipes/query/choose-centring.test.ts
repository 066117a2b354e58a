import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../random.js';
import { toUnitLength } from '../../../style-space/feature-matrix.js';
import { centre, chooseCentring } from './choose-centring.js';

const WIDTH = 16;
const random = createRandom('centring');
const vector = () => toUnitLength(Float32Array.from({ length: WIDTH }, () => random.normal()));
const photos = Array.from({ length: 40 }, vector);
const gallery = Float32Array.from(photos.flatMap((photo) => [...photo]));

/** Queries that lie close to their photo, but for a common direction that all of them lean to. */
function queriesFor(lean: number) {
  const common = vector();
  return photos.map((photo) => toUnitLength(photo.map((x, i) => 0.4 * x + lean * (common[i] ?? 0))));
}

const found = (queries: readonly Float32Array[]) =>
  queries.filter((query, index) => {
    const scores = photos.map((photo) => photo.reduce((sum, x, i) => sum + x * (query[i] ?? 0), 0));
    return scores.indexOf(Math.max(...scores)) === index;
  }).length;

const style = (name: string, queries: readonly Float32Array[], weights: readonly number[]) => ({
  style: name,
  vectors: queries,
  weights: queries.map(() => Float32Array.from(weights)),
  right: queries.map((_, index) => [index]),
});

describe('chooseCentring', () => {
  it('takes off what the queries of a style have in common where that finds more, and only there', () => {
    const [leaning, straight] = [queriesFor(1), queriesFor(0)];
    const rows = chooseCentring(
      [style('sketch', leaning, [1, 0]), style('art', straight, [0, 1])],
      ['sketch', 'art'],
      gallery,
      WIDTH,
    );
    const centred = leaning.map((query) => centre(query, Float32Array.of(1, 0), rows));
    expect(found(leaning)).toBeLessThan(20);
    expect(found(centred)).toBeGreaterThan(30);
    expect(Math.hypot(...(centred[0] ?? []))).toBeCloseTo(1, 5);
    expect(Math.hypot(...rows.subarray(WIDTH))).toBe(0);
  });

  it('gives both clusters of one style the same row, and a style without queries none', () => {
    const rows = chooseCentring(
      [style('sketch', queriesFor(1), [0.5, 0, 0.5])],
      ['sketch', 'art', 'sketch 2'],
      gallery,
      WIDTH,
    );
    expect([...rows.subarray(0, WIDTH)]).toEqual([...rows.subarray(2 * WIDTH)]);
    expect(Math.hypot(...rows.subarray(0, WIDTH))).toBeGreaterThan(0.1);
    expect(Math.hypot(...rows.subarray(WIDTH, 2 * WIDTH))).toBe(0);
  });
});
