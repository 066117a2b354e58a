import { cropResize } from './crop-resize.js';
import { ImageArgumentError } from './image-errors.js';
import type { RgbImage } from './rgb-image.js';

export interface ContactSheetOptions {
  /** Edge of one square cell in pixels. */
  readonly cell?: number;
  /** White space between cells in pixels. */
  readonly gap?: number;
}

/** Pictures side by side on white, row by row, each fitted whole into its cell.
 *  @param columns cells in a row, at least 1. @throws {ImageArgumentError} for no picture or no column. */
export function contactSheet(
  images: readonly RgbImage[],
  columns: number,
  { cell = 224, gap = 4 }: ContactSheetOptions = {},
): RgbImage {
  if (images.length === 0 || !(columns >= 1)) {
    throw new ImageArgumentError(
      `contactSheet: expected pictures and a column, got ${images.length}, ${columns}`,
    );
  }
  const rows = Math.ceil(images.length / columns);
  const width = columns * (cell + gap) + gap;
  const height = rows * (cell + gap) + gap;
  const data = new Uint8Array(width * height * 3).fill(255);
  images.forEach((image, i) => {
    const scale = cell / Math.max(image.width, image.height);
    const w = Math.max(1, Math.round(image.width * scale));
    const h = Math.max(1, Math.round(image.height * scale));
    const small = cropResize(image, { x: 0, y: 0, width: image.width, height: image.height }, w, h);
    const left = gap + (i % columns) * (cell + gap) + Math.floor((cell - w) / 2);
    const top = gap + Math.floor(i / columns) * (cell + gap) + Math.floor((cell - h) / 2);
    for (let y = 0; y < h; y++) {
      data.set(small.data.subarray(y * w * 3, (y + 1) * w * 3), ((top + y) * width + left) * 3);
    }
  });
  return { width, height, data };
}
