import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuseQuery } from '../fusion/fuse-query.js';
import type { EmbeddingModel } from './embedding-model.js';
import { DEFAULT_MODEL, loadModel } from './load-model.js';

/** Place of the number that is 0 for photos and that a text fills as far as its words mean nothing. */
const STRANGE = 256;

describe('the model that comes with the product', () => {
  let model: EmbeddingModel;
  beforeAll(async () => {
    model = await loadModel(DEFAULT_MODEL);
  });
  afterAll(() => model?.close());

  it('puts every kind of part on the common scale, a photo of the gallery among them', () => {
    expect(Object.keys(model.calibration).sort()).toEqual(['art', 'lowres', 'photo', 'sketch', 'text']);
  });

  it('puts made-up words far from every photo, and words that mean something not', async () => {
    const far = async (texts: readonly string[]) =>
      (await model.encodeTexts([...texts])).map((vector) => vector[STRANGE] ?? 0);
    for (const value of await far(['qwrtzp', 'hxbtwl gfqwhat', 'asdkjfh']))
      expect(value).toBeGreaterThan(0.6);
    for (const value of await far(['giraffe', 'guitar', 'a dog on a beach', 'northern lights']))
      expect(value).toBeLessThan(0.3);
  });

  it('takes a photo that is pushed away off the top of what words find, and leaves the words in charge', () => {
    const { text, photo } = model.calibration;
    const axis = (place: number) => Float32Array.from({ length: model.dimensions }, (_, i) => +(i === place));
    // What words find: one photo a little before another that shows the same otherwise.
    const [words, liked, pushed] = [axis(0), axis(1), axis(2)];
    const near = (other: Float32Array, share: number) => words.map((w, i) => share * w + (other[i] ?? 0));
    const first = near(pushed, 0.6);
    const unit = first.map((value) => value / Math.hypot(...first));
    const second = near(liked, 0.55);
    const score = (vector: Float32Array) =>
      fuseQuery([
        { vector: words, weight: 1, negative: false, calibration: text },
        { vector: unit, weight: 0.25, negative: true, calibration: photo },
      ])
        .contributions(vector.map((value) => value / Math.hypot(...vector)))
        .reduce((sum, { value }) => sum + value, 0);
    expect(score(second)).toBeGreaterThan(score(first));
    expect(score(second)).toBeGreaterThan(score(axis(3)));
  });
});
