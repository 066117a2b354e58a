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
  const low = [255, 255, 255];
  const high = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const [channel, value] = [i % 3, data[i] ?? 0];
    if (value < (low[channel] ?? 0)) low[channel] = value;
    if (value > (high[channel] ?? 0)) high[channel] = value;
    if ((high[channel] ?? 0) - (low[channel] ?? 0) > BLANK_SPREAD) return false;
  }
  return Math.min(...low) >= PAPER || Math.max(...high) <= INK;
}

const MIN_PIXELS = 8;

/** The part of a picture inside a box of shares, cut to whole pixels. @throws {ValidationError} */
export function cropTo(
  image: RgbImage,
  { x, y, width, height }: CropInput,
  path: readonly string[],
): RgbImage {
  const inside =
    [x, y, width, height].every((value) => value >= 0 && value <= 1) &&
    x + width <= 1.000001 &&
    y + height <= 1.000001;
  if (!inside)
    throw ValidationError.at(
      path,
      'expected x, y, width and height as shares of the picture, inside it, from 0 to 1',
    );
  const [left, top] = [Math.floor(x * image.width), Math.floor(y * image.height)];
  const right = Math.min(image.width, Math.round((x + width) * image.width));
  const bottom = Math.min(image.height, Math.round((y + height) * image.height));
  const [columns, rows] = [right - left, bottom - top];
  if (columns < MIN_PIXELS || rows < MIN_PIXELS) {
    throw ValidationError.at(
      path,
      `expected a box of at least ${MIN_PIXELS} by ${MIN_PIXELS} pixels, got ${columns} by ${rows}`,
    );
  }
  const data = new Uint8Array(columns * rows * 3);
  for (let row = 0; row < rows; row++) {
    const start = ((top + row) * image.width + left) * 3;
    data.set(image.data.subarray(start, start + columns * 3), row * columns * 3);
  }
  return { width: columns, height: rows, data };
}
