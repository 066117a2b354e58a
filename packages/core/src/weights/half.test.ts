import { expect, it } from 'vitest';
import { float16ToFloat32, toHalfBits } from './half.js';

it('every float16 survives the way to float32 and back, NaN as NaN', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const floats = float16ToFloat32(halves);
  const wrong = [...halves].filter((half) => {
    const value = floats[half] ?? 0;
    if (Number.isNaN(value)) return (half & 0x7c00) !== 0x7c00 || (half & 0x3ff) === 0;
    return toHalfBits(value) !== half;
  });
  expect(wrong).toEqual([]);
});

it('a number between two float16 values goes to the nearer one', () => {
  for (const [value, nearest] of [
    [0.1, 0.0999755859375],
    [1000.3, 1000.5],
    [3.3e-5, 554 * 2 ** -24],
  ] as const) {
    expect(float16ToFloat32(Uint16Array.of(toHalfBits(value)))[0]).toBeCloseTo(nearest, 12);
  }
});
