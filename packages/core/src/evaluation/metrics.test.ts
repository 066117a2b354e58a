import { describe, expect, it } from 'vitest';
import { metricByName } from './metrics.js';

const value = (name: string, ...ranks: number[]) => metricByName(name).compute(ranks);

describe('metrics', () => {
  it('hit@k asks whether any relevant photo is in the first k', () => {
    expect(value('hit@5', 5)).toBe(1);
    expect(value('hit@5', 6)).toBe(0);
    expect(value('hit@5', 2, 3, 90)).toBe(1);
  });

  it('recall@k asks what share of them is, and equals hit@k for one relevant photo only', () => {
    expect(value('recall@5', 2, 3, 90, 91)).toBe(0.5);
    expect(value('recall@1', 1, 2)).toBe(0.5);
    expect(value('hit@1', 1, 2)).toBe(1);
    for (const rank of [1, 4, 5, 6]) expect(value('recall@5', rank)).toBe(value('hit@5', rank));
  });

  it('mrr is the inverse of the first rank, uncut', () => {
    expect(value('mrr', 4, 5)).toBe(0.25);
    expect(value('mrr', 2000)).toBe(1 / 2000);
  });

  it('map is the mean precision at the places of the relevant photos', () => {
    // precisions 1, 2/3, 3/6, 4/9, 5/10
    expect(value('map', 1, 3, 6, 9, 10)).toBeCloseTo((1 + 2 / 3 + 3 / 6 + 4 / 9 + 5 / 10) / 5, 12);
    expect(value('map', 1, 2, 3)).toBe(1);
  });

  it('ndcg@k is 1 for a perfect order, falls with rank, and takes its ideal from min(k, relevant)', () => {
    expect(value('ndcg@10', 1, 2, 3)).toBe(1);
    expect(value('ndcg@2', 1, 2, 3, 4)).toBe(1);
    expect(value('ndcg@10', 2)).toBeCloseTo(1 / Math.log2(3), 12);
    // By hand: (1/log2 3 + 1/log2 5) / (1 + 1/log2 3) = 0.6509209298071325
    expect(value('ndcg@5', 2, 4)).toBeCloseTo(0.6509209298071325, 12);
    expect(value('ndcg@3', 4)).toBe(0);
  });

  it('refuses names it does not know and depths below 1', () => {
    for (const name of ['hit@0', 'hit', 'R@5', 'precision@0', 'ndcg@1.5', 'toString', '']) {
      expect(() => metricByName(name)).toThrow(/No metric is called/);
    }
  });
});
