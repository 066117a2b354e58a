import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './image-codec.js';
import {
  CLIP_PREPROCESSING,
  fitToSquare,
  type Preprocessing,
  preprocess,
  preprocessBatch,
  preprocessInto,
} from './preprocess.js';
import type { RgbImage } from './rgb-image.js';

interface GoldenCase {
  readonly name: string;
  readonly file: string;
  readonly size: number;
  readonly kernel: 'bicubic' | 'bilinear';
  readonly resize: 'shortest-edge' | 'squash';
  readonly pixels: string;
  readonly normalised: Readonly<Record<string, number>>;
}

const folder = new URL('../../golden/image/', import.meta.url);
const cases = JSON.parse(await readFile(new URL('preprocess.json', folder), 'utf8')) as GoldenCase[];
const specOf = ({ size, kernel, resize }: GoldenCase): Preprocessing => ({
  ...CLIP_PREPROCESSING,
  size,
  kernel,
  resize,
});
const load = async (file: string): Promise<RgbImage> => decodeImage(await readFile(new URL(file, folder)));

describe('preprocess', () => {
  it.each(cases.map((one) => [one.name, one] as const))(
    'stays within 2/255 of Pillow on average: %s',
    async (_, one) => {
      const ours = await fitToSquare(await load(one.file), specOf(one));
      const theirs = Buffer.from(one.pixels, 'base64');
      expect(ours.data.length).toBe(theirs.length);
      const differences = theirs.map((value, i) => Math.abs(value - (ours.data[i] ?? 0)));
      expect(differences.reduce((sum, d) => sum + d, 0) / differences.length).toBeLessThan(2);
      expect(Math.max(...differences)).toBeLessThan(16);
    },
  );

  it.each(cases.map((one) => [one.name, one] as const))(
    'normalises as the reference does: %s',
    async (_, one) => {
      const values = await preprocess(await load(one.file), specOf(one));
      for (const [index, expected] of Object.entries(one.normalised)) {
        // 3 grey levels of 255 over a deviation of 0.26 is 0.045.
        expect(Math.abs((values[Number(index)] ?? 9) - expected), `value ${index}`).toBeLessThan(0.05);
      }
    },
  );

  it('puts planes in the order red, green, blue and applies mean and deviation exactly', async () => {
    const image = { width: 2, height: 2, data: new Uint8Array(12).map((_, i) => [255, 0, 51][i % 3] ?? 0) };
    const values = await preprocess(image, {
      ...CLIP_PREPROCESSING,
      size: 2,
      mean: [0.5, 0.5, 0],
      std: [0.5, 0.5, 0.1],
    });
    [1, 1, 1, 1, -1, -1, -1, -1, 2, 2, 2, 2].forEach((want, i) => {
      expect(values[i]).toBeCloseTo(want, 5);
    });
  });

  it('takes a picture of one pixel and one of a single row', async () => {
    const one = await preprocess(
      { width: 1, height: 1, data: Uint8Array.of(255, 255, 255) },
      CLIP_PREPROCESSING,
    );
    expect(one[0]).toBeCloseTo((1 - 0.48145466) / 0.26862954, 4);
    const row = { width: 300, height: 1, data: new Uint8Array(900).fill(128) };
    expect((await preprocess(row, { ...CLIP_PREPROCESSING, size: 8 })).length).toBe(192);
  });
});

describe('preprocessBatch', () => {
  it('gives the rows that preprocess gives one by one', async () => {
    const images = [await load('scene-150x97.png'), await load('scene-71x160.png')];
    const spec = { ...CLIP_PREPROCESSING, size: 16 };
    const batch = await preprocessBatch(images, spec);
    const alone = await preprocess(
      images[1] ?? images[0] ?? { width: 0, height: 0, data: new Uint8Array() },
      spec,
    );
    expect(batch.subarray(3 * 16 * 16)).toEqual(alone);
  });

  it('refuses to write past the end of a batch', async () => {
    const image = await load('flag.png');
    await expect(preprocessInto(image, CLIP_PREPROCESSING, new Float32Array(10), 0)).rejects.toMatchObject({
      code: 'IMAGE_ARGUMENT',
    });
  });
});
