import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';
import type { Plane } from '../filters/plane.js';

/** A picture while it is being drawn: three planes of 0 to 1, which the steps of a drawing change in place. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly [Float32Array, Float32Array, Float32Array];
}

/** A canvas of zeros. */
export function blankCanvas(width: number, height: number): Canvas {
  const plane = () => new Float32Array(width * height);
  return { width, height, planes: [plane(), plane(), plane()] };
}

/** A picture as a canvas; the picture stays as it is. */
export function toCanvas({ width, height, data }: RgbImage): Canvas {
  const canvas = blankCanvas(width, height);
  const [r, g, b] = canvas.planes;
  for (let i = 0, p = 0; i < r.length; i++, p += 3) {
    r[i] = (data[p] as number) / 255;
    g[i] = (data[p + 1] as number) / 255;
    b[i] = (data[p + 2] as number) / 255;
  }
  return canvas;
}

/** The canvas as a picture; values outside 0 to 1 are held to the range, NaN becomes 0. */
export function toPicture({ width, height, planes }: Canvas): RgbImage {
  const data = new Uint8ClampedArray(width * height * 3);
  const [r, g, b] = planes;
  for (let i = 0, p = 0; i < r.length; i++, p += 3) {
    data[p] = 255 * (r[i] as number);
    data[p + 1] = 255 * (g[i] as number);
    data[p + 2] = 255 * (b[i] as number);
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

/** Luma of each pixel (Rec. 601 weights on the gamma-coded values), 0 to 1. */
export function lumaOf({ width, height, planes }: Canvas): Plane {
  const [r, g, b] = planes;
  const data = new Float32Array(r.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = 0.299 * (r[i] as number) + 0.587 * (g[i] as number) + 0.114 * (b[i] as number);
  }
  return { width, height, data };
}

/** Multiplies each pixel by a plane of 0 (ink) to 1 (nothing). */
export function inkOver({ planes }: Canvas, cover: Plane): void {
  for (const plane of planes) {
    for (let i = 0; i < plane.length; i++) plane[i] = (plane[i] as number) * (cover.data[i] as number);
  }
}

/** True with the probability given. */
export const chance = (random: Random, share: number): boolean => random.uniform() < share;

/** Evenly from `low` up to `high`. */
export const between = (random: Random, low: number, high: number): number =>
  low + (high - low) * random.uniform();

/** One of a list that is not empty. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new RangeError('oneOf: the list is empty');
  return item;
}
