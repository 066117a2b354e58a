import { describe, expect, it } from 'vitest';
import { cropResize } from './crop-resize.js';
import { pilResize } from './pil-resize.js';
import type { RgbImage } from './rgb-image.js';

const pattern = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37 + (i % 11) * 19) % 256),
});
const whole = (image: RgbImage) => ({ x: 0, y: 0, width: image.width, height: image.height });

describe('cropResize', () => {
  it('gives the picture itself for the whole box at its own size, and its mirror when asked', () => {
    const image = pattern(13, 7);
    expect(cropResize(image, whole(image), 13, 7)).toEqual(image);
    const flipped = cropResize(image, whole(image), 13, 7, true);
    expect([...flipped.data.subarray(0, 3)]).toEqual([...image.data.subarray(12 * 3, 13 * 3)]);
  });

  it('cuts exactly the box where nothing is scaled', () => {
    const image = pattern(20, 20);
    const cut = cropResize(image, { x: 5, y: 3, width: 4, height: 6 }, 4, 6);
    expect([...cut.data.subarray(0, 12)]).toEqual([
      ...image.data.subarray((3 * 20 + 5) * 3, (3 * 20 + 9) * 3),
    ]);
  });

  it('counts every source pixel when it shrinks: within 2/255 of Pillow away from the border', () => {
    const image = pattern(90, 60);
    const ours = cropResize(image, whole(image), 30, 20);
    const theirs = pilResize(image, 30, 20, 'bilinear');
    let worst = 0;
    for (let y = 1; y < 19; y++) {
      for (let i = 3; i < 87; i++) {
        worst = Math.max(worst, Math.abs((ours.data[y * 90 + i] ?? 0) - (theirs.data[y * 90 + i] ?? 0)));
      }
    }
    expect(worst).toBeLessThanOrEqual(2);
  });

  it('takes one pixel, and a box that hangs over the edge', () => {
    const one = { width: 1, height: 1, data: Uint8Array.of(7, 8, 9) };
    expect([...cropResize(one, { x: -3, y: -3, width: 9, height: 9 }, 2, 2).data]).toEqual([
      7, 8, 9, 7, 8, 9, 7, 8, 9, 7, 8, 9,
    ]);
  });

  it('refuses an empty box', () => {
    expect(() => cropResize(pattern(4, 4), { x: 0, y: 0, width: 0, height: 4 }, 2, 2)).toThrow(
      /positive sizes/,
    );
  });
});
