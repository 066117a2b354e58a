import { expect, it } from 'vitest';
import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom } from '../../random.js';
import { toCanvas } from './canvas.js';
import { moveColours, pictureColours } from './move-colours.js';

/** 48 × 48 pixels of correlated colours about `mean`, far from black and white. */
function cloud(seed: string, mean: readonly number[], spread: number): RgbImage {
  const random = createRandom(seed);
  const data = new Uint8Array(48 * 48 * 3);
  for (let p = 0; p < data.length; p += 3) {
    const light = spread * random.normal();
    for (let c = 0; c < 3; c++)
      data[p + c] = (mean[c] ?? 0) + light * (1 - 0.3 * c) + 0.4 * spread * random.normal();
  }
  return { width: 48, height: 48, data };
}

function moments(planes: readonly Float32Array[]): { mean: number[]; covariance: number[] } {
  const mean = planes.map((plane) => plane.reduce((sum, v) => sum + v, 0) / plane.length);
  const covariance = planes.flatMap((a, i) =>
    planes.map(
      (b, j) =>
        a.reduce((sum, v, k) => sum + (v - (mean[i] ?? 0)) * ((b[k] ?? 0) - (mean[j] ?? 0)), 0) / a.length,
    ),
  );
  return { mean, covariance };
}

it('moves mean and covariance of the colours to those of the painting', () => {
  const canvas = toCanvas(cloud('photo', [120, 110, 100], 12));
  const painting = cloud('painting', [150, 90, 140], 20);
  moveColours(canvas, pictureColours(painting), 1);
  const got = moments(canvas.planes);
  const wanted = moments(toCanvas(painting).planes);
  // Both are estimated from a sample of some 1,500 pixels.
  got.mean.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted.mean[i] ?? 0, 1.7);
  });
  got.covariance.forEach((value, i) => {
    expect(Math.abs(value - (wanted.covariance[i] ?? 0))).toBeLessThan(0.15 * Math.max(...wanted.covariance));
  });
});
