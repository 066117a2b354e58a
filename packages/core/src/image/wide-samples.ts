import { ImageDecodeError } from './image-errors.js';

/** Ranges that pictures of more than 8 bits are written in: floats from 0 to 1, and whole numbers of 8, 16 and 32 bits.
 *  A picture is taken to be in the narrowest that holds its numbers. */
const RANGES = [1, 255, 65_535, 4_294_967_295] as const;
/** What rounding and sharpening leave beyond the ends, as a share of the range. */
const SLACK = 0.01;

/** Brings samples of 32 bits to 8 bits, with their brightness.
 *  @param samples as the file has them. @throws {ImageDecodeError} for numbers that no picture is written in. */
export function toEightBits(samples: Float32Array): Uint8Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of samples) {
    // Not a number stands for no data and is drawn black.
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = RANGES.find((end) => high <= end * (1 + SLACK));
  if (range === undefined || low < -range * SLACK) {
    throw new ImageDecodeError(
      'UNSUPPORTED_FORMAT',
      `the samples run from ${low} to ${high}; expected brightness from 0 to 1, or whole numbers from 0. Convert it to 8 or 16 bits`,
      { low, high },
    );
  }
  return Uint8Array.from(samples, (value) =>
    Math.round(255 * Math.min(1, Math.max(0, Number.isNaN(value) ? 0 : value / range))),
  );
}
