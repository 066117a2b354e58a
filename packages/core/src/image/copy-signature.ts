import { cropResize } from './crop-resize.js';
import { ImageArgumentError } from './image-errors.js';
import type { RgbImage } from './rgb-image.js';

/** Side of the small grey picture by which copies are told. */
export const SIGNATURE_SIDE = 48;

/** What is kept of a photo to tell whether another one is a copy of it. */
export interface CopySignature {
  /** Mean luma of 48 × 48 cells over the whole picture, whatever its shape, 0 to 255. */
  readonly luma: Uint8Array;
  /** Mean colour, 0 to 255. */
  readonly mean: readonly [number, number, number];
}

/** The signature of a photo; 2.3 kB. @throws {ImageArgumentError} for a picture without pixels. */
export function copySignature(image: RgbImage): CopySignature {
  const { width, height } = image;
  if (width < 1 || height < 1)
    throw new ImageArgumentError(`expected a picture with pixels, got ${width}×${height}`);
  const { data } = cropResize(image, { x: 0, y: 0, width, height }, SIGNATURE_SIDE, SIGNATURE_SIDE);
  const luma = new Uint8Array(SIGNATURE_SIDE * SIGNATURE_SIDE);
  const mean: [number, number, number] = [0, 0, 0];
  for (let i = 0, p = 0; i < luma.length; i++, p += 3) {
    const [r, g, b] = [data[p] as number, data[p + 1] as number, data[p + 2] as number];
    // Rec. 601, as JPEG has it.
    luma[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    mean[0] += r / luma.length;
    mean[1] += g / luma.length;
    mean[2] += b / luma.length;
  }
  return { luma, mean };
}
