import { describe, expect, test } from 'vitest';
import { warmupCosine } from './schedule.js';

describe('warm-up and cosine', () => {
  const options = { peak: 2, warmup: 4, total: 14, floor: 0.5 };
  const at = (step: number) => warmupCosine(step, options);

  test('the rate climbs in equal steps to the peak and never starts at zero', () => {
    expect([0, 1, 2, 3, 4].map(at)).toEqual([0.5, 1, 1.5, 2, 2]);
  });

  test('half way down it is half way between peak and floor, and it ends on the floor', () => {
    expect(at(9)).toBeCloseTo(0.5 + 1.5 / 2, 12);
    expect(at(14)).toBeCloseTo(0.5, 12);
    expect(at(1000)).toBeCloseTo(0.5, 12);
    // A quarter of the way: cos(π/4) of the half amplitude above the middle.
    expect(at(6.5)).toBeCloseTo(1.25 + 0.75 * Math.SQRT1_2, 12);
  });

  test('without a warm-up it starts at the peak, without a floor it ends at zero', () => {
    const plain = { peak: 1, warmup: 0, total: 10 };
    expect(warmupCosine(0, plain)).toBe(1);
    expect(warmupCosine(10, plain)).toBeCloseTo(0, 12);
  });
});
