import type { Comparison } from '@freestyle/core/evaluation';
import { describe, expect, it } from 'vitest';
import { type GateInput, promotionGate } from './gate.js';

const compared = (section: string, value: number, ci95: [number, number], more: Partial<Comparison> = {}) =>
  ({
    ...{ section, value, ci95, metric: 'hit@1', level: 'instance', queries: 100, units: 100 },
    ...{ valueA: 0.5, valueB: 0.5 + value, tooFew: false, a: 'live', b: 'candidate' },
    ...more,
  }) as unknown as Comparison;

const input = (comparisons: readonly Comparison[], more: Partial<GateInput> = {}): GateInput => ({
  ...{ trouble: null, missing: 0, isOtherSpace: false, judgedOn: 'scenes v1', metric: 'hit@1', target: null },
  comparisons,
  ...more,
});

const failed = (given: GateInput) =>
  promotionGate(given)
    .checks.filter(({ passed }) => !passed)
    .map(({ name }) => name);

const MEAN = compared('mean over styles', 0.04, [0.01, 0.07]);

describe('the gate', () => {
  it('opens for one that is better on the target and told worse nowhere, though it is a little lower somewhere', () => {
    const given = input([
      compared('sketch', 0.09, [0.03, 0.15]),
      compared('art', -0.01, [-0.05, 0.03]),
      MEAN,
    ]);
    const gate = promotionGate(given);
    expect(gate.open).toBe(true);
    expect(gate.checks.find(({ name }) => name === 'NO_WORSE')?.words).toContain(
      'art (−1.0 points [−5.0, +3.0])',
    );
  });

  it('stays closed where one style is told worse, however much better the mean is', () => {
    expect(failed(input([compared('sketch', -0.05, [-0.08, -0.02]), MEAN]))).toEqual(['NO_WORSE']);
  });

  it('stays closed where the target is better by no more than chance, or has too few targets', () => {
    const style = compared('sketch', 0, [-0.02, 0.02]);
    expect(failed(input([style, compared('mean over styles', 0.02, [-0.01, 0.05])]))).toEqual(['BETTER']);
    expect(failed(input([style, { ...MEAN, tooFew: true }]))).toEqual(['BETTER']);
    expect(failed(input([style, MEAN], { target: 'sketch' }))).toEqual(['BETTER']);
    expect(failed(input([style, MEAN], { target: 'no such style' }))).toEqual(['BETTER']);
  });

  it('stays closed without a common judgement, with a photo left out, and for what cannot be opened', () => {
    expect(failed(input([], { judgedOn: null }))).toEqual(['EVALUATED', 'NO_WORSE', 'BETTER']);
    expect(failed(input([MEAN], { missing: 3, isOtherSpace: true }))).toEqual(['SPACE']);
    expect(failed(input([MEAN], { trouble: 'it was changed' }))).toEqual(['OPENS']);
  });

  it('another metric of the same comparison takes no part', () => {
    const other = compared('sketch', -0.2, [-0.3, -0.1], { metric: 'mrr' });
    expect(promotionGate(input([other, MEAN])).open).toBe(true);
  });
});
