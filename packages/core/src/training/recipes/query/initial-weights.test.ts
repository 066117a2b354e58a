import { describe, expect, it } from 'vitest';
import { defaultTuning, tuningSchema } from '../../../freestyle/tuning.js';
import type { Parameter } from '../../../nn/parameters.js';
import { canGoOnFrom, carryOver } from './initial-weights.js';

const row = (...values: number[]): Parameter => ({ shape: [values.length], data: Float32Array.from(values) });

describe('carryOver', () => {
  const earlier = { name: 'old', weights: new Map([['image.a', row(1, 2)]]) };

  it('adds what tuning had changed to the backbone as it is now, and leaves what copied nothing', () => {
    const learned = new Map([
      ['query.image.a', row(1.5, 0)],
      ['query.prompts.0', row(7, 8, 9)],
    ]);
    const carried = carryOver(learned, earlier, {
      name: 'new',
      weights: new Map([['image.a', row(10, 20)]]),
    });
    expect(carried.get('query.image.a')).toEqual(row(10.5, 18));
    expect(carried.get('query.prompts.0')).toEqual(row(7, 8, 9));
  });

  it('refuses a backbone of another shape by the weight that does not fit', () => {
    const other = { name: 'new', weights: new Map([['image.a', row(1, 2, 3)]]) };
    expect(() => carryOver(new Map([['query.image.a', row(1, 2)]]), earlier, other)).toThrow(
      /old.*"image\.a" has not the shape that it has in new/,
    );
  });
});

describe('canGoOnFrom', () => {
  const tuned = (more: object) => tuningSchema.parse({ method: 'freestyle', ...more });

  it('the same tuning, centred now or not named in bundles of old', () => {
    expect(canGoOnFrom(tuned({}), tuned({ gated: false }))).toBe(true);
    expect(canGoOnFrom(tuned({ gated: true }), tuned({ gated: true, centred: true }))).toBe(true);
    expect(canGoOnFrom(tuned({ centred: true }), tuned({}))).toBe(false);
    expect(canGoOnFrom(tuned({ tokens: 2 }), tuned({ tokens: 4 }))).toBe(false);
  });

  it('prompts come to a copy that learned whole only where it goes on learning and a gate lets them in', () => {
    const full = defaultTuning('full');
    expect(canGoOnFrom(full, tuned({ whole: true, gated: true, stem: true }))).toBe(true);
    expect(canGoOnFrom(full, tuned({ whole: true }))).toBe(false);
    expect(canGoOnFrom(full, tuned({ gated: true }))).toBe(false);
    expect(canGoOnFrom(tuned({ gated: true }), tuned({ whole: true, gated: true }))).toBe(false);
  });
});
