import type { Plane } from '../filters/plane.js';
import { type Canvas, lumaOf } from './canvas.js';
import { boxMean } from './fast-blur.js';

/** Kuwahara's filter of 1976 on a canvas, in place, by running means: each pixel takes the mean colour of the calmest
 *  (by luma) of the four squares that touch it. @param radius side of a square less one, pixels, at least 1. */
export function flattenAreas(canvas: Canvas, radius: number): void {
  const { width, height, planes } = canvas;
  // A square of an odd side about its own centre, looked up at the four corners: radius 1 takes squares of 3 pixels
  // at a distance of 1, radius 2 of 3 at 1.5, and so on.
  const half = Math.max(1, Math.round(radius / 2));
  const luma = lumaOf(canvas);
  const squares = { width, height, data: luma.data.map((v) => v * v) };
  const mean = boxMean(luma, half).data;
  const spread = boxMean(squares, half).data;
  for (let i = 0; i < spread.length; i++) {
    spread[i] = (spread[i] as number) - (mean[i] as number) * (mean[i] as number);
  }
  const from = calmestCorner({ width, height, data: spread }, Math.max(half, radius - half));
  for (const plane of planes) {
    const means = boxMean({ width, height, data: plane }, half).data;
    for (let i = 0; i < plane.length; i++) plane[i] = means[from[i] as number] as number;
  }
}

/** For each pixel the one of the four at `reach` to its corners where the spread is least. */
function calmestCorner({ width, height, data }: Plane, reach: number): Int32Array {
  const from = new Int32Array(data.length);
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - reach) * width;
    const down = Math.min(height - 1, y + reach) * width;
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - reach);
      const right = Math.min(width - 1, x + reach);
      let best = up + left;
      let least = data[best] as number;
      if ((data[up + right] as number) < least) {
        best = up + right;
        least = data[best] as number;
      }
      if ((data[down + left] as number) < least) {
        best = down + left;
        least = data[best] as number;
      }
      if ((data[down + right] as number) < least) best = down + right;
      from[y * width + x] = best;
    }
  }
  return from;
}
