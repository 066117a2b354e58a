import { decodeImage, encodeJpeg } from '../image/image-codec.js';
import { pilResize } from '../image/pil-resize.js';
import type { RgbImage } from '../image/rgb-image.js';
import { gaussianBlur } from './filters/gaussian-blur.js';
import { type StyleMakerEntry, type StyleOptions, strengthOf } from './style-maker.js';

/** The mosaic of the DSR dataset: shrunk to `⌊w/factor⌋ × ⌊h/factor⌋` (bilinear, antialiased, as Pillow does), blown
 *  up again to the old size by repeating pixels. A side shorter than the factor becomes one cell.
 *  @param factor cell size in pixels; DSR uses 16. */
export function mosaic(image: RgbImage, factor: number): RgbImage {
  return enlargeNearest(shrinkForMosaic(image, factor), image.width, image.height);
}

/** The small picture inside a mosaic: what a thumbnail of 1/factor would show. */
export function shrinkForMosaic(image: RgbImage, factor: number): RgbImage {
  const width = Math.max(1, Math.floor(image.width / factor));
  const height = Math.max(1, Math.floor(image.height / factor));
  return pilResize(image, width, height, 'bilinear');
}

/** Enlarges by repeating pixels: output pixel x shows source pixel `⌊(x + ½)·from/to⌋`. */
export function enlargeNearest(image: RgbImage, width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const columns = Int32Array.from(
    { length: width },
    (_, x) => Math.floor(((x + 0.5) * image.width) / width) * 3,
  );
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width * 3;
    for (let x = 0, to = y * width * 3; x < width; x++, to += 3) {
      const from = row + (columns[x] ?? 0);
      data[to] = image.data[from] ?? 0;
      data[to + 1] = image.data[from + 1] ?? 0;
      data[to + 2] = image.data[from + 2] ?? 0;
    }
  }
  return { width, height, data };
}

/** Out of focus: a Gaussian of 1 % to 5 % of the shorter side. */
export function blur(image: RgbImage, options: StyleOptions): RgbImage {
  const share = 0.01 + 0.04 * strengthOf(options);
  return gaussianBlur(image, Math.max(0.5, Math.min(image.width, image.height) * share));
}

/** A JPEG saved far too small: quality 14 down to 1, colours at half resolution. */
export async function lowQualityJpeg(image: RgbImage, options: StyleOptions): Promise<RgbImage> {
  return decodeImage(await encodeJpeg(image, Math.round(14 - 13 * strengthOf(options))));
}

/** A tiny picture enlarged smoothly, as a viewer shows a thumbnail: 1/8 to 1/24 of the size. */
export function enlargedThumbnail(image: RgbImage, options: StyleOptions): RgbImage {
  const small = shrinkForMosaic(image, Math.round(8 + 16 * strengthOf(options)));
  return pilResize(small, image.width, image.height, 'bicubic');
}

export const lowresMakers = {
  'lowres-mosaic-8': {
    style: 'lowres',
    kind: 'mosaic of 8 pixels',
    title: 'Mosaic, fine',
    hasStrength: false,
    make: (image) => mosaic(image, 8),
  },
  'lowres-mosaic-16': {
    style: 'lowres',
    kind: 'mosaic of 16 pixels',
    title: 'Mosaic',
    hasStrength: false,
    make: (image) => mosaic(image, 16),
  },
  'lowres-mosaic-32': {
    style: 'lowres',
    kind: 'mosaic of 32 pixels',
    title: 'Mosaic, coarse',
    hasStrength: false,
    make: (image) => mosaic(image, 32),
  },
  'lowres-thumbnail': {
    style: 'lowres',
    kind: 'thumbnail enlarged smoothly',
    title: 'Enlarged thumbnail',
    hasStrength: true,
    make: enlargedThumbnail,
  },
  'lowres-blur': {
    style: 'lowres',
    kind: 'out of focus',
    title: 'Out of focus',
    hasStrength: true,
    make: blur,
  },
  'lowres-jpeg': {
    style: 'lowres',
    kind: 'heavily compressed JPEG',
    title: 'Compressed JPEG',
    hasStrength: true,
    make: lowQualityJpeg,
  },
} as const satisfies Record<string, StyleMakerEntry>;
