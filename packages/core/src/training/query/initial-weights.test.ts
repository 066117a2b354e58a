import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../nn/parameters.js';
import { carryOver } from './initial-weights.js';

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
