import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scoreInterval } from './estimates.js';
import { metricByName } from './metrics.js';
import { fullRanking, rankRelevant } from './ranking.js';
import { studentFactor, studentTwoSided } from './student.js';

// Made by fixtures/reference-figures.py with SciPy, scikit-learn and ranx.
const reference = JSON.parse(
  readFileSync(new URL('./fixtures/reference-figures.json', import.meta.url), 'utf8'),
) as {
  scores: number[][];
  relevant: number[][];
  ranx: Record<string, number>;
  sklearn: Record<string, number>;
  normalFactor: number;
} & Record<'studentFactor' | 'studentTwoSided' | 'wilson', number[][]>;

const ranks = reference.scores.map(
  (row, q) => rankRelevant(Float64Array.from(row), reference.relevant[q] ?? []).ranks,
);

describe('figures of reference implementations', () => {
  it.each(Object.entries({ ...reference.ranx }))('%s is what ranx counts', (name, value) => {
    const { compute } = metricByName(name);
    expect(ranks.reduce((sum, one) => sum + compute(one), 0) / ranks.length).toBeCloseTo(value, 12);
  });

  it.each(Object.entries({ ...reference.sklearn }))('%s is what scikit-learn counts', (name, value) => {
    const { compute } = metricByName(name);
    expect(ranks.reduce((sum, one) => sum + compute(one), 0) / ranks.length).toBeCloseTo(value, 12);
  });

  it('the whole list has every relevant photo at its counted rank, ties included', () => {
    for (const [q, row] of reference.scores.entries()) {
      const relevant = reference.relevant[q] ?? [];
      const list = [...fullRanking(Float64Array.from(row), relevant, { depth: row.length })];
      const places = relevant.map((photo) => list.indexOf(photo) + 1).sort((a, b) => a - b);
      expect(places).toEqual([...(ranks[q] ?? [])]);
    }
  });

  it("Student's t is SciPy's, to ten digits", () => {
    for (const [confidence = 0, df = 0, value = 0] of reference.studentFactor)
      expect(studentFactor(confidence, df) / value).toBeCloseTo(1, 10);
    expect(studentFactor(0.95, Number.POSITIVE_INFINITY)).toBeCloseTo(reference.normalFactor, 5);
    for (const [t = 0, df = 0, value = 0] of reference.studentTwoSided)
      expect(studentTwoSided(t, df) / value).toBeCloseTo(1, 9);
  });

  it("the interval of a share of many independent queries is Wilson's, also where all or none hit", () => {
    for (const [k = 0, n = 0, low = 0, high = 0] of reference.wilson) {
      const p = k / n;
      const { ci95 } = scoreInterval(p, (p * (1 - p)) / n, n, Number.POSITIVE_INFINITY);
      expect(ci95[0]).toBeCloseTo(low, 5);
      expect(ci95[1]).toBeCloseTo(high, 5);
    }
  });
});
