import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { EvaluationError } from './embedding-matrix.js';
import { rankRelevant, topPhotos } from './ranking.js';

const scoresOf = (...values: number[]) => Float64Array.from(values);

describe('rankRelevant', () => {
  it('ranks by score over the whole gallery', () => {
    const { ranks, tied } = rankRelevant(scoresOf(0.1, 0.9, 0.5, 0.7), [2]);
    expect([...ranks]).toEqual([3]);
    expect(tied).toBe(false);
  });

  it('agrees with sorting the gallery, for random scores and several relevant photos', () => {
    const random = createRandom('ranking');
    for (let trial = 0; trial < 50; trial++) {
      const scores = Float64Array.from({ length: 40 }, () => random.normal());
      const relevant = random.shuffle([...scores.keys()]).slice(0, 1 + random.integer(8));
      const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
      const expected = relevant.map((index) => order.indexOf(index) + 1).sort((a, b) => a - b);
      expect([...rankRelevant(scores, relevant).ranks]).toEqual(expected);
    }
  });

  it('puts the target last when an encoder gives every photo one score, and says it was tied', () => {
    const { ranks, tied } = rankRelevant(new Float64Array(100).fill(0.5), [0]);
    expect([...ranks]).toEqual([100]);
    expect(tied).toBe(true);
  });

  it('lets relevant photos tie with each other at no cost', () => {
    const { ranks, tied } = rankRelevant(scoresOf(0.5, 0.5, 0.1), [0, 1]);
    expect([...ranks]).toEqual([1, 2]);
    expect(tied).toBe(false);
  });

  it('refuses queries with no relevant photo, one outside the gallery, or one named twice', () => {
    for (const relevant of [[], [3], [-1], [1, 1]]) {
      expect(() => rankRelevant(scoresOf(1, 2, 3), relevant)).toThrow(EvaluationError);
    }
  });
});

describe('topPhotos', () => {
  it('equals the head of a stable sort, ties in gallery order', () => {
    const random = createRandom('top');
    for (let trial = 0; trial < 50; trial++) {
      const scores = Float64Array.from({ length: 30 }, () => random.integer(6));
      const sorted = [...scores].map((score, index) => ({ index, score })).sort((a, b) => b.score - a.score);
      expect(topPhotos(scores, 7)).toEqual(sorted.slice(0, 7));
    }
  });

  it('gives the whole gallery when it is smaller than k, and nothing for k below 1', () => {
    expect(topPhotos(scoresOf(1, 2), 5).map(({ index }) => index)).toEqual([1, 0]);
    expect(topPhotos(scoresOf(1, 2), 0)).toEqual([]);
  });
});
