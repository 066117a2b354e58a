import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { fitChance, type RelevanceScale, relevance, scoreAtRelevance, standardise } from './relevance.js';

const random = createRandom('chance');
const bestOf = (photos: number) => Math.max(...Array.from({ length: photos }, () => random.normal()));
const GALLERY = 200;
const scale: RelevanceScale = {
  gallery: GALLERY,
  floor: 3,
  kinds: { text: fitChance(Array.from({ length: 4000 }, () => bestOf(GALLERY))) },
};
const above = (limit: number, photos: number, queries: number) =>
  Array.from({ length: queries }, () => relevance(scale, 'text', bestOf(photos), photos) ?? 0).filter(
    (one) => one > limit,
  ).length / queries;

describe('relevance', () => {
  it('of the best hit by chance passes 3 in about one query of twenty', () => {
    expect(above(3, GALLERY, 4000)).toBeGreaterThan(0.02);
    expect(above(3, GALLERY, 4000)).toBeLessThan(0.08);
  });

  it('says the same in a gallery five times as large', () => {
    expect(above(3, 5 * GALLERY, 1500)).toBeLessThan(0.08);
  });

  it('rises with the score and falls with the gallery, and its inverse gives the score back', () => {
    const at = (z: number, photos: number) => relevance(scale, 'text', z, photos) ?? Number.NaN;
    expect(at(4, 100)).toBeGreaterThan(at(3, 100));
    expect(at(4, 1000)).toBeLessThan(at(4, 100));
    expect(scoreAtRelevance(scale, 'text', at(2.5, 700), 700)).toBeCloseTo(2.5, 10);
  });

  it('is null for a kind that was not measured', () => {
    expect(relevance(scale, 'sketch', 9, 10)).toBeNull();
    expect(scoreAtRelevance(scale, 'sketch', 3, 10)).toBeNull();
  });

  it('standardises a single cosine by its calibration and a fused score by its shares', () => {
    expect(standardise(0.5, { mean: 0.1, deviation: 0.2 })).toBeCloseTo(2);
    expect(standardise(1, { mean: 9, deviation: 9 }, [0.6, -0.4])).toBeCloseTo(1 / Math.sqrt(0.52));
  });
});
