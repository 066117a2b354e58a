import type { RgbImage } from '@freestyle/core';
import { ValidationError } from '../../../platform/errors.js';
import type { CropInput } from './query.js';

/** Values of one colour differ by as much on a sheet on which nothing was drawn: what a JPEG's rounding makes of it. */
const BLANK_SPREAD = 8;

/** Paper and ink are as light and as dark as this. A sheet of another colour is a colour to look for. */
const PAPER = 235;
const INK = 20;

/** Whether a picture is an empty sheet: white or black, and nothing else. */
export function isBlank({ data }: RgbImage): boolean {
  let low = 255;
  let high = 0;
  for (let channel = 0; channel < 3; channel++) {
    let [least, most] = [255, 0];
    for (let i = channel; i < data.length; i += 3) {
      const value = data[i] ?? 0;
      if (value < least) least = value;
      if (value > most) most = value;
      if (most - least > BLANK_SPREAD) return false;
    }
    low = Math.min(low, least);
    high = Math.max(high, most);
  }
  return low >= PAPER || high <= INK;
}

const MIN_PIXELS = 8;

/** A box of shares as whole pixels of a picture. @throws {ValidationError} */
export function cropBox(
  size: { readonly width: number; readonly height: number },
  { x, y, width, height }: CropInput,
  path: readonly string[],
): { left: number; top: number; width: number; height: number } {
  const inside =
    [x, y, width, height].every((value) => value >= 0 && value <= 1) &&
    x + width <= 1.000001 &&
    y + height <= 1.000001;
  if (!inside)
    throw ValidationError.at(
      path,
      'expected x, y, width and height as shares of the picture, inside it, from 0 to 1',
    );
  const [left, top] = [Math.floor(x * size.width), Math.floor(y * size.height)];
  const right = Math.min(size.width, Math.round((x + width) * size.width));
  const bottom = Math.min(size.height, Math.round((y + height) * size.height));
  const [columns, rows] = [right - left, bottom - top];
  if (columns < MIN_PIXELS || rows < MIN_PIXELS) {
    throw ValidationError.at(
      path,
      `expected a box of at least ${MIN_PIXELS} by ${MIN_PIXELS} pixels, got ${columns} by ${rows}`,
    );
  }
  return { left, top, width: columns, height: rows };
}
