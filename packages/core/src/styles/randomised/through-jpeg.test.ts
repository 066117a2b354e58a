import { expect, it } from 'vitest';
import { decodeImage, encodeJpeg } from '../../image/image-codec.js';
import type { RgbImage } from '../../image/rgb-image.js';
import { throughJpeg } from './through-jpeg.js';

const photo: RgbImage = {
  width: 61,
  height: 43,
  data: Uint8Array.from({ length: 61 * 43 * 3 }, (_, p) => {
    const [x, y] = [Math.floor(p / 3) % 61, Math.floor(p / 3 / 61)];
    return 118 + 10 * (p % 3) + 60 * Math.sin(x / 4) + 50 * Math.cos((y * x) / 90);
  }),
};

const meanDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;

it.each([8, 25, 70])('comes close to what a JPEG file of quality %i gives', async (quality) => {
  const file = await decodeImage(await encodeJpeg(photo, quality));
  const own = throughJpeg(photo, quality);
  const damage = meanDifference(photo.data, file.data);
  // Decoders smooth the colours' half resolution in different ways; the rest is the same arithmetic.
  expect(meanDifference(own.data, file.data)).toBeLessThan(0.6 * damage + 1);
  expect(meanDifference(photo.data, own.data)).toBeGreaterThan(0.6 * damage);
});
