import { expect, it } from 'vitest';
import { createRandom } from '../../random.js';
import { transform2d } from './fourier.js';

it('gives the sums that define the transform, and comes back', () => {
  const side = 8;
  const random = createRandom('fourier');
  const re = Float32Array.from({ length: 64 }, () => random.normal());
  const im = Float32Array.from({ length: 64 }, () => random.normal());
  const [outRe, outIm] = [re.slice(), im.slice()];
  transform2d(outRe, outIm, side, false);
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      let [sumRe, sumIm] = [0, 0];
      for (let i = 0; i < 64; i++) {
        const angle = (-2 * Math.PI * (u * (i % side) + v * Math.floor(i / side))) / side;
        sumRe += (re[i] ?? 0) * Math.cos(angle) - (im[i] ?? 0) * Math.sin(angle);
        sumIm += (re[i] ?? 0) * Math.sin(angle) + (im[i] ?? 0) * Math.cos(angle);
      }
      expect(outRe[v * side + u]).toBeCloseTo(sumRe, 3);
      expect(outIm[v * side + u]).toBeCloseTo(sumIm, 3);
    }
  }
  transform2d(outRe, outIm, side, true);
  re.forEach((value, i) => {
    expect(outRe[i]).toBeCloseTo(value, 4);
  });
});
