import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { stackVectors } from './embedding-matrix.js';
import { linearProbe, linearProbes } from './style-probe.js';

/** Queries of 60 photos in 3 styles: a part for the photo, and `strength` times a part for the style. */
function queries(strength: number, dimensions = 24) {
  const random = createRandom(`probe data ${strength}`);
  const draw = () => Float32Array.from({ length: dimensions }, () => random.normal());
  const styles = ['sketch', 'art', 'lowres'].map((name) => ({ name, offset: draw() }));
  const rows = Array.from({ length: 60 }, (_, photo) => ({
    photo: `photo ${photo}`,
    meaning: draw(),
  })).flatMap((p) =>
    styles.map(({ name, offset }) => ({
      vector: p.meaning.map((value, d) => value + strength * (offset[d] ?? 0)),
      style: name,
      photo: p.photo,
    })),
  );
  return {
    vectors: stackVectors(
      rows.map(({ vector }) => vector),
      'queries',
    ),
    styles: rows.map(({ style }) => style),
    photos: rows.map(({ photo }) => photo),
  };
}

describe('linearProbe', () => {
  it('reads a style that is there, and is at chance where it is not', () => {
    const there = queries(2);
    const removed = queries(0);
    expect(linearProbe(there.vectors, there.styles, there.photos).accuracy).toBeGreaterThan(0.95);
    const { accuracy, chance } = linearProbe(removed.vectors, removed.styles, removed.photos);
    expect(chance).toBeCloseTo(1 / 3, 5);
    expect(accuracy).toBeLessThan(0.5);
  });

  it('is a mean over splits, with its spread', () => {
    const { vectors, styles, photos } = queries(0.5);
    const each = [0, 1, 2, 3, 4].map((seed) => linearProbe(vectors, styles, photos, { seed }).accuracy);
    const { accuracy, deviation, splits } = linearProbes(vectors, styles, photos);
    expect(splits).toBe(5);
    expect(accuracy).toBeCloseTo(each.reduce((sum, one) => sum + one, 0) / 5, 12);
    expect(deviation).toBeGreaterThan(0);
  });

  it('falls as the style fades', () => {
    const accuracy = [1.5, 0.5, 0].map((strength) => {
      const { vectors, styles, photos } = queries(strength);
      return linearProbe(vectors, styles, photos).accuracy;
    });
    expect([...accuracy].sort((a, b) => b - a)).toEqual(accuracy);
  });

  it('never trains on another query of a photo that it is judged on', () => {
    // Were photos split, the photo itself would be a label that can be learned by heart: 60 labels, one a photo.
    const { vectors, photos } = queries(0);
    expect(linearProbe(vectors, photos, photos, { steps: 40 }).accuracy).toBe(0);
  });

  it('does not depend on the scale of the vectors and is the same for the same seed', () => {
    const { vectors, styles, photos } = queries(0.7);
    const scaled = { ...vectors, data: vectors.data.map((value) => value * 1000) };
    const first = linearProbe(vectors, styles, photos, { seed: 4 });
    expect(linearProbe(scaled, styles, photos, { seed: 4 })).toEqual(first);
  });

  it('refuses a single label, a single group and lists of other lengths', () => {
    const { vectors, styles, photos } = queries(1);
    expect(() =>
      linearProbe(
        vectors,
        styles.map(() => 'art'),
        photos,
      ),
    ).toThrow(/\(1 different\)/);
    expect(() =>
      linearProbe(
        vectors,
        styles,
        photos.map(() => 'one'),
      ),
    ).toThrow(/\(1 different\)/);
    expect(() => linearProbe(vectors, styles.slice(1), photos)).toThrow(/got 179 labels/);
  });
});
