import { cropResize } from '../../../image/crop-resize.js';
import type { RgbImage } from '../../../image/rgb-image.js';
import type { Random } from '../../../random.js';

export interface AugmentOptions {
  readonly size: number;
  readonly style: string;
  /** The query means a class, or mostly that: a mirrored query still means the same. */
  readonly mayFlip: boolean;
}

/** One training view of a query picture: a crop of 75–100 % of the area and a proportion of up to 9:10, mirrored where
 *  that keeps the target; for sketches now and then a thicker pen, and a stroke or two rubbed out; for low-res pictures
 *  now and then coarser cells still, or a thumbnail of 10 to 24 pixels, so that one made picture stands for several
 *  strengths. */
export function augmentQuery(picture: RgbImage, options: AugmentOptions, random: Random): RgbImage {
  const side = Math.sqrt(0.75 + 0.25 * random.uniform());
  const proportion = 0.9 + 0.1 * random.uniform();
  const wide = random.uniform() < 0.5;
  const width = picture.width * side * (wide ? 1 : proportion);
  const height = picture.height * side * (wide ? proportion : 1);
  const box = {
    x: random.uniform() * (picture.width - width),
    y: random.uniform() * (picture.height - height),
    width,
    height,
  };
  const flip = options.mayFlip && random.uniform() < 0.5;
  const cut = cropResize(picture, box, options.size, options.size, flip);
  if (options.style === 'lowres') {
    const coarser = random.uniform();
    if (coarser < 0.25) return coarsen(cut, 2 + random.integer(3));
    return coarser < 0.5 ? throughThumbnail(cut, 10 + random.integer(15)) : cut;
  }
  if (options.style !== 'sketch') return cut;
  if (random.uniform() < 0.4) rubOut(cut, random);
  return random.uniform() < 0.4 ? thicken(cut) : cut;
}

/** Cells of 4, 6 or 8 pixels (of a picture of 128) of one colour: a mosaic of 16 pixels seen from further away. */
function coarsen({ width, height, data }: RgbImage, steps: number): RgbImage {
  const cell = Math.max(2, Math.round((2 * steps * Math.max(width, height)) / 128));
  const out = new Uint8Array(data.length);
  for (let top = 0; top < height; top += cell) {
    for (let left = 0; left < width; left += cell) {
      const [bottom, right] = [Math.min(height, top + cell), Math.min(width, left + cell)];
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let y = top; y < bottom; y++)
          for (let x = left; x < right; x++) sum += data[(y * width + x) * 3 + c] ?? 0;
        const mean = Math.round(sum / ((bottom - top) * (right - left)));
        for (let y = top; y < bottom; y++)
          for (let x = left; x < right; x++) out[(y * width + x) * 3 + c] = mean;
      }
    }
  }
  return { width, height, data: out };
}

/** Shrunk to `side` pixels and enlarged smoothly again, as a tiny picture comes to the tower at search time. */
function throughThumbnail(picture: RgbImage, side: number): RgbImage {
  const { width, height } = picture;
  const small = cropResize(picture, { x: 0, y: 0, width, height }, side, side);
  return cropResize(small, { x: 0, y: 0, width: side, height: side }, width, height);
}

/** Each value becomes the darkest of its two-by-two neighbourhood: dark strokes grow by a pixel. */
function thicken({ width, height, data }: RgbImage): RgbImage {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const down = y + 1 < height ? width * 3 : 0;
    for (let x = 0; x < width; x++) {
      const right = x + 1 < width ? 3 : 0;
      for (let at = (y * width + x) * 3, end = at + 3; at < end; at++) {
        const here = Math.min(data[at] as number, data[at + right] as number);
        const below = Math.min(data[at + down] as number, data[at + down + right] as number);
        out[at] = Math.min(here, below);
      }
    }
  }
  return { width, height, data: out };
}

/** White rectangles over parts of a sketch, in place: the next person will leave out other strokes. */
function rubOut(picture: RgbImage, random: Random): void {
  for (let patch = 0; patch < 1 + random.integer(3); patch++) {
    const width = 8 + random.integer(Math.floor(picture.width / 4));
    const height = 8 + random.integer(Math.floor(picture.height / 4));
    const left = random.integer(picture.width - width);
    const top = random.integer(picture.height - height);
    for (let y = top; y < top + height; y++) {
      const start = (y * picture.width + left) * 3;
      picture.data.fill(255, start, start + width * 3);
    }
  }
}
