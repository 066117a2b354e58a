import { describe, expect, it } from 'vitest';
import { ImageArgumentError } from './image-errors.js';
import { hashDistance, perceptualHash } from './perceptual-hash.js';
import type { RgbImage } from './rgb-image.js';

/** A picture of the luma that `grey` gives for each pixel, 0 to 255. */
function greyPicture(width: number, height: number, grey: (x: number, y: number) => number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.fill(grey(x, y), (y * width + x) * 3, (y * width + x) * 3 + 3);
  }
  return { width, height, data };
}

describe('the perceptual hash', () => {
  it('has exactly the bit of a wave that is alone in the picture', () => {
    // cos(π/32 · (x + ½) · u) · cos(π/32 · (y + ½) · v) is the basis function of frequency (u, v).
    for (const [u, v] of [
      [1, 1],
      [3, 2],
      [8, 8],
    ] as const) {
      const wave = (n: number, k: number) => Math.cos((Math.PI / 32) * (n + 0.5) * k);
      const image = greyPicture(32, 32, (x, y) => Math.round(128 + 100 * wave(x, u) * wave(y, v)));
      const bit = (v - 1) * 8 + (u - 1);
      expect(BigInt.asUintN(64, perceptualHash(image)) & (1n << BigInt(bit)), `(${u}, ${v})`).not.toBe(0n);
      const inverse = greyPicture(32, 32, (x, y) => Math.round(128 - 100 * wave(x, u) * wave(y, v)));
      expect(BigInt.asUintN(64, perceptualHash(inverse)) & (1n << BigInt(bit))).toBe(0n);
    }
  });

  it('fits into a signed 64-bit integer, the highest bit being the sign', () => {
    const wave = (n: number) => Math.cos((Math.PI / 32) * (n + 0.5) * 8);
    const image = greyPicture(32, 32, (x, y) => Math.round(128 + 100 * wave(x) * wave(y)));
    const hash = perceptualHash(image);
    expect(hash).toBeLessThan(0n);
    expect(hash).toBeGreaterThanOrEqual(-(2n ** 63n));
  });

  it('is 0 for pictures without structure, whatever their colour and size', () => {
    for (const grey of [0, 77, 255]) expect(perceptualHash(greyPicture(37, 91, () => grey))).toBe(0n);
  });

  it('takes the tiniest picture, and refuses one without pixels', () => {
    expect(perceptualHash(greyPicture(1, 1, () => 9))).toBe(0n);
    expect(() => perceptualHash({ width: 0, height: 4, data: new Uint8Array() })).toThrow(ImageArgumentError);
  });
});

it('the distance of hashes counts different bits, the sign among them', () => {
  expect(hashDistance(0n, 0n)).toBe(0);
  expect(hashDistance(0n, -1n)).toBe(64);
  expect(hashDistance(-(2n ** 63n), 1n)).toBe(2);
});
