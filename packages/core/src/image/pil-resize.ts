import type { RgbImage } from './rgb-image.js';

type Filter = { readonly support: number; readonly weight: (x: number) => number };

const FILTERS: Record<'bicubic' | 'bilinear', Filter> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  // Keys' cubic with a = −0.5, the one Pillow calls BICUBIC.
  bicubic: {
    support: 2,
    weight: (x) => {
      const t = Math.abs(x);
      if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
      return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
    },
  },
};

/** Per output sample: the first source sample, how many, and their weights (rows of `width` floats). */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly width: number;
}

/** Resizes as Pillow's `Image.resize` does: separable, the filter widened by the shrink factor (antialiasing),
 *  8-bit rounding between the horizontal and the vertical pass. Runs on the calling thread. */
export function pilResize(
  image: RgbImage,
  width: number,
  height: number,
  kernel: 'bicubic' | 'bilinear',
): RgbImage {
  const across = filterTaps(image.width, width, FILTERS[kernel]);
  const down = filterTaps(image.height, height, FILTERS[kernel]);
  return resampleRows(resampleColumns(image, width, across), height, down);
}

function filterTaps(from: number, to: number, filter: Filter): Taps {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = filter.support * stretch;
  const width = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * width);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    let total = 0;
    for (let j = start; j < end; j++) {
      const w = filter.weight((j - centre + 0.5) / stretch);
      weights[i * width + j - start] = w;
      total += w;
    }
    for (let j = 0; j < end - start; j++) weights[i * width + j] = (weights[i * width + j] ?? 0) / total;
    first[i] = start;
    count[i] = end - start;
  }
  return { first, count, weights, width };
}

function resampleColumns(image: RgbImage, width: number, taps: Taps): RgbImage {
  if (width === image.width) return image;
  const data = new Uint8Array(width * image.height * 3);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * image.width + (taps.first[x] ?? 0)) * 3;
      weighPixel(image.data, from, 3, taps, x, data, (y * width + x) * 3);
    }
  }
  return { width, height: image.height, data };
}

function resampleRows(image: RgbImage, height: number, taps: Taps): RgbImage {
  if (height === image.height) return image;
  const data = new Uint8Array(image.width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < image.width; x++) {
      const from = ((taps.first[y] ?? 0) * image.width + x) * 3;
      weighPixel(image.data, from, image.width * 3, taps, y, data, (y * image.width + x) * 3);
    }
  }
  return { width: image.width, height, data };
}

function weighPixel(
  source: Uint8Array,
  from: number,
  step: number,
  taps: Taps,
  index: number,
  out: Uint8Array,
  to: number,
): void {
  const row = index * taps.width;
  const count = taps.count[index] ?? 0;
  let r = 0.5;
  let g = 0.5;
  let b = 0.5;
  for (let k = 0, p = from; k < count; k++, p += step) {
    const w = taps.weights[row + k] ?? 0;
    r += w * (source[p] ?? 0);
    g += w * (source[p + 1] ?? 0);
    b += w * (source[p + 2] ?? 0);
  }
  out[to] = Math.min(255, Math.max(0, r));
  out[to + 1] = Math.min(255, Math.max(0, g));
  out[to + 2] = Math.min(255, Math.max(0, b));
}
