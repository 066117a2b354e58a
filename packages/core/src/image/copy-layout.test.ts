import { expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { copyLayout, nearestLayouts } from './copy-layout.js';
import type { CopySignature } from './copy-signature.js';

function signature(
  seed: number,
  change: (value: number, i: number) => number = (value) => value,
): CopySignature {
  const random = createRandom(`layout ${seed}`);
  const cells = Float32Array.from({ length: 64 }, () => 40 + 170 * random.uniform());
  const luma = Uint8Array.from({ length: 48 * 48 }, (_, i) => {
    const [x, y] = [i % 48, Math.floor(i / 48)];
    return change(cells[Math.floor(y / 6) * 8 + Math.floor(x / 6)] ?? 0, i);
  });
  return { luma, mean: [0, 0, 0] };
}

const mirrored = ({ luma, mean }: CopySignature): CopySignature => ({
  luma: luma.map((_, i) => luma[i - (i % 48) + 47 - (i % 48)] ?? 0),
  mean,
});

it('the nearest layout of a photo is that of its copy, in other light and mirrored', () => {
  const photos = Array.from({ length: 60 }, (_, seed) => signature(seed));
  const darker = signature(7, (value) => 0.6 * value + 10);
  const turned = mirrored(signature(9));
  const nearest = [...nearestLayouts([...photos, darker, turned])];
  expect([nearest[60]?.[0], nearest[61]?.[0], nearest[7]?.[0], nearest[9]?.[0]]).toEqual([7, 9, 60, 61]);
  expect(nearest.every((places, i) => places.length === 8 && !places.includes(i))).toBe(true);
});

it('has mean 0 and length 1, and is nothing where there is no structure', () => {
  const layout = copyLayout(signature(1));
  expect(layout.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
  expect(layout.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
  expect(copyLayout(signature(1, () => 90))).toEqual(new Float32Array(36));
  expect([...nearestLayouts([signature(1)])]).toEqual([[]]);
});
