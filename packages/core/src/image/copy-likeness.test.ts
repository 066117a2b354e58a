import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { COPY_LIKENESS, copyLikeness } from './copy-likeness.js';
import { copySignature } from './copy-signature.js';
import { cropResize } from './crop-resize.js';
import { decodeImage, encodeJpeg } from './image-codec.js';
import type { RgbImage } from './rgb-image.js';

/** Blots of colour of many sizes: structure at every scale, as photos have it. */
function blots(seed: number, width = 240, height = 180): RgbImage {
  const random = createRandom(`blots ${seed}`);
  const data = new Uint8Array(width * height * 3).fill(120);
  for (let k = 0; k < 160; k++) {
    const [cx, cy] = [random.uniform() * width, random.uniform() * height];
    const radius = 4 + 50 * random.uniform() ** 3;
    const colour = [random.integer(256), random.integer(256), random.integer(256)];
    for (let y = Math.max(0, Math.floor(cy - radius)); y < Math.min(height, cy + radius); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x < Math.min(width, cx + radius); x++) {
        if (Math.hypot(x - cx, y - cy) > radius) continue;
        for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = colour[c] ?? 0;
      }
    }
  }
  return { width, height, data };
}

const whole = ({ width, height }: RgbImage) => ({ x: 0, y: 0, width, height });

const CHANGES: Record<string, (image: RgbImage) => RgbImage | Promise<RgbImage>> = {
  'half its size, in another proportion': (image) => cropResize(image, whole(image), 100, 100),
  'cut by 10 % of each side': (image) =>
    cropResize(image, { x: 20, y: 3, width: image.width * 0.9, height: image.height * 0.9 }, 216, 162),
  'cut by 10 % on one side alone': (image) =>
    cropResize(image, { x: 24, y: 0, width: image.width - 24, height: image.height }, 216, 180),
  'saved again at quality 15': async (image) => decodeImage(await encodeJpeg(image, 15)),
  mirrored: (image) => cropResize(image, whole(image), image.width, image.height, true),
  'other light and colour': (image) => ({
    ...image,
    data: Uint8Array.from(image.data, (v, p) => Math.min(255, v * ([0.8, 1.1, 0.7][p % 3] ?? 1) + 20)),
  }),
};

describe('a copy', () => {
  it.each(Object.entries(CHANGES))('%s is told from its original', async (_what, change) => {
    for (let seed = 0; seed < 8; seed++) {
      const photo = blots(seed);
      const copy = await change(photo);
      const { score } = copyLikeness(copySignature(photo), copySignature(copy));
      expect(score, `photo ${seed}`).toBeGreaterThan(COPY_LIKENESS);
      const back = copyLikeness(copySignature(copy), copySignature(photo));
      expect(back.score, `photo ${seed}, the other way`).toBeGreaterThan(COPY_LIKENESS);
    }
  });

  it('says whether it is mirrored, and how much of the picture it shows', () => {
    const photo = blots(3);
    const turned = cropResize(photo, { x: 24, y: 0, width: 216, height: 180 }, 216, 180, true);
    const likeness = copyLikeness(copySignature(photo), copySignature(turned));
    expect(likeness.mirrored).toBe(true);
    expect(likeness.shared).toBeCloseTo(0.9, 1);
    expect(copyLikeness(copySignature(photo), copySignature(photo))).toEqual({
      score: expect.closeTo(1, 5),
      mirrored: false,
      shared: 1,
    });
  });
});

it('other pictures of the same kind are not copies, nor are pictures without structure', () => {
  const signatures = Array.from({ length: 25 }, (_, seed) => copySignature(blots(seed)));
  for (const [i, a] of signatures.entries()) {
    for (const b of signatures.slice(i + 1)) expect(copyLikeness(a, b).score).toBeLessThan(COPY_LIKENESS);
  }
  const plain = (value: number) =>
    copySignature({ width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(value) });
  expect(copyLikeness(plain(40), plain(40)).score).toBe(0);
  expect(copyLikeness(plain(40), signatures[0] ?? plain(1)).score).toBe(0);
});
