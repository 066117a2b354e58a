import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../image/rgb-image.js';
import { createRandom } from '../random.js';
import { mosaic } from './lowres.js';
import { styleMaker, styleMakerNames, styleMakers } from './style-makers.js';

/** A dark red disc on a pale sky above grass: edges, areas and some grain. */
function scene(width: number, height: number): RgbImage {
  const random = createRandom(3);
  const data = new Uint8Array(width * height * 3);
  const size = Math.min(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = Math.hypot(x - width / 2, y - height / 2) < size * 0.28;
      const ground = y > height * 0.7;
      const colour = disc ? [170, 30, 35] : ground ? [70, 130, 50] : [190, 215, 240];
      const p = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) data[p + c] = (colour[c] ?? 0) + random.integer(9) - 4;
    }
  }
  return { width, height, data };
}

const meanOf = (image: RgbImage): number => image.data.reduce((sum, v) => sum + v, 0) / image.data.length;
const share = (image: RgbImage, test: (value: number) => boolean): number =>
  image.data.filter(test).length / image.data.length;
const at = (image: RgbImage, x: number, y: number): number[] => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

const names = Object.keys(styleMakers);
const photo = scene(112, 96);

describe('every style maker', () => {
  it.each(names)(
    '%s gives the same bytes for the same seed, and keeps the size and the photo',
    async (name) => {
      const { make } = styleMaker(name);
      const before = photo.data.slice();
      const [first, second] = [await make(photo, { seed: 5 }), await make(photo, { seed: 5 })];
      expect([first.width, first.height, first.data.length]).toEqual([112, 96, 112 * 96 * 3]);
      expect(Buffer.compare(first.data, second.data)).toBe(0);
      expect(Buffer.compare(photo.data, before)).toBe(0);
    },
  );

  it.each(names)('%s takes one pixel, one row, one column and a flat picture', async (name) => {
    for (const [width, height] of [
      [1, 1],
      [40, 1],
      [1, 40],
      [3, 2],
      [64, 64],
    ] as const) {
      const flat = { width, height, data: new Uint8Array(width * height * 3).fill(128) };
      const made = await styleMaker(name).make(flat, { seed: 1, strength: 1 });
      expect([made.width, made.height, made.data.length]).toEqual([width, height, width * height * 3]);
    }
  });

  it.each(names)('%s has no strength at which it fails or leaves the photo as it is', async (name) => {
    for (const strength of [0, 1, 7, -3]) {
      const made = await styleMaker(name).make(photo, { seed: 2, strength });
      expect(Buffer.compare(made.data, photo.data)).not.toBe(0);
    }
  });
});

describe('sketches', () => {
  it.each(styleMakerNames('sketch'))('%s is grey, mostly white paper, with some ink', async (name) => {
    const made = await styleMaker(name).make(photo, { seed: 1 });
    for (let p = 0; p < made.data.length; p += 3) {
      expect(made.data[p] === made.data[p + 1] && made.data[p] === made.data[p + 2]).toBe(true);
    }
    expect(share(made, (v) => v > 200)).toBeGreaterThan(0.5);
    expect(share(made, (v) => v < 110)).toBeGreaterThan(0.003);
  });

  it('a freehand outline of a disc runs around it, and not through it', async () => {
    const made = await styleMaker('sketch-freehand').make(photo, { seed: 4, strength: 0 });
    let nearest = 0;
    for (let y = 0; y < 96; y++) {
      for (let x = 0; x < 112; x++) {
        const off = Math.abs(Math.hypot(x - 56, y - 48) - 96 * 0.28);
        if ((at(made, x, y)[0] ?? 255) < 100 && off < 4) nearest += 1;
      }
    }
    // The circle is 169 pixels long; a pen of 1 to 2 pixels around half of it.
    expect(nearest).toBeGreaterThan(85);
    expect(at(made, 56, 48)[0]).toBe(255);
  });

  it('another seed draws another freehand outline', async () => {
    const { make } = styleMaker('sketch-freehand');
    const [a, b] = [await make(photo, { seed: 1 }), await make(photo, { seed: 2 })];
    expect(Buffer.compare(a.data, b.data)).not.toBe(0);
  });

  it('a flat picture leaves the paper empty', async () => {
    const flat = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) };
    for (const name of ['sketch-ink', 'sketch-contour', 'sketch-freehand']) {
      expect(meanOf(await styleMaker(name).make(flat, { seed: 1 })), name).toBe(255);
    }
  });
});

describe('art', () => {
  it.each(styleMakerNames('art'))(
    '%s keeps what is where: red disc, blue sky, green ground',
    async (name) => {
      const made = await styleMaker(name).make(photo, { seed: 1 });
      const [red, sky, ground] = [at(made, 56, 48), at(made, 8, 8), at(made, 8, 90)];
      expect((red[0] ?? 0) - Math.max(red[1] ?? 0, red[2] ?? 0)).toBeGreaterThan(60);
      expect((sky[2] ?? 0) - (sky[0] ?? 0)).toBeGreaterThan(10);
      expect((ground[1] ?? 0) - Math.max(ground[0] ?? 0, ground[2] ?? 0)).toBeGreaterThan(20);
    },
  );

  it('a poster has no more colours than inks', async () => {
    const made = await styleMaker('art-poster').make(photo, { seed: 1, strength: 1 });
    const colours = new Set<string>();
    for (let p = 0; p < made.data.length; p += 3) colours.add(made.data.subarray(p, p + 3).join());
    // Five inks; where two meet the last smoothing mixes them.
    expect(colours.size).toBeLessThan(made.data.length / 3 / 8);
  });
});

describe('mosaic', () => {
  it('shows ⌊w/f⌋ × ⌊h/f⌋ flat cells, each the mean of what it covers', () => {
    const made = mosaic(photo, 16);
    const colours = new Set<string>();
    for (let p = 0; p < made.data.length; p += 3) colours.add(made.data.subarray(p, p + 3).join());
    expect(colours.size).toBeLessThanOrEqual(7 * 6);
    expect(at(made, 0, 0)).toEqual(at(made, 15, 15));
    expect(Math.abs((at(made, 2, 2)[2] ?? 0) - 240)).toBeLessThan(4);
  });

  it('a picture smaller than a cell becomes one colour', () => {
    const made = mosaic({ width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 100, 100, 100) }, 16);
    expect([...made.data]).toEqual([50, 50, 50, 50, 50, 50]);
  });
});

describe('styleMaker', () => {
  it('names the makers that there are when asked for one that is not', () => {
    expect(() => styleMaker('sketch-crayon')).toThrow(
      /no style maker "sketch-crayon"; there are: .*sketch-pencil/,
    );
    expect(() => styleMaker('constructor')).toThrow(/no style maker/);
  });

  it('offers at least three kinds of sketch, three of art and the three mosaics', () => {
    expect(styleMakerNames('sketch').length).toBeGreaterThanOrEqual(3);
    expect(styleMakerNames('art').length).toBeGreaterThanOrEqual(3);
    expect(styleMakerNames('lowres')).toEqual(
      expect.arrayContaining(['lowres-mosaic-8', 'lowres-mosaic-16', 'lowres-mosaic-32']),
    );
  });
});
