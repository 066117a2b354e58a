import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';

/** Shifts a drawing about as an unsteady hand would: every point moves by smooth noise.
 *  @param amount about how far, pixels. @param cell how slowly the noise changes, pixels. */
export function tremble(image: RgbImage, amount: number, cell: number, random: Random): RgbImage {
  const { width, height } = image;
  const columns = Math.ceil(width / cell) + 2;
  const knots = columns * (Math.ceil(height / cell) + 2);
  const offsets = Float32Array.from({ length: knots * 2 }, () => amount * random.normal());
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    const v = y / cell;
    const row = Math.floor(v) * columns;
    const fy = ease(v - Math.floor(v));
    for (let x = 0; x < width; x++) {
      const u = x / cell;
      const fx = ease(u - Math.floor(u));
      const k = (row + Math.floor(u)) * 2;
      const dx = between(offsets, k, columns * 2, fx, fy);
      const dy = between(offsets, k + 1, columns * 2, fx, fy);
      samplePixel(image, x + dx, y + dy, data, (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

// Smoothstep: no kink where one cell meets the next.
const ease = (t: number): number => t * t * (3 - 2 * t);

function between(values: Float32Array, k: number, down: number, fx: number, fy: number): number {
  const top = (values[k] ?? 0) * (1 - fx) + (values[k + 2] ?? 0) * fx;
  const bottom = (values[k + down] ?? 0) * (1 - fx) + (values[k + down + 2] ?? 0) * fx;
  return top * (1 - fy) + bottom * fy;
}

function samplePixel(image: RgbImage, x: number, y: number, out: Uint8Array, to: number): void {
  const { width, height, data } = image;
  const cx = Math.min(width - 1, Math.max(0, x));
  const cy = Math.min(height - 1, Math.max(0, y));
  const x0 = Math.min(Math.max(0, width - 2), Math.floor(cx));
  const y0 = Math.min(Math.max(0, height - 2), Math.floor(cy));
  const [fx, fy] = [cx - x0, cy - y0];
  const p = (y0 * width + x0) * 3;
  const right = width > 1 ? 3 : 0;
  const below = height > 1 ? width * 3 : 0;
  for (let c = 0; c < 3; c++) {
    const top = (data[p + c] ?? 0) * (1 - fx) + (data[p + right + c] ?? 0) * fx;
    const bottom = (data[p + below + c] ?? 0) * (1 - fx) + (data[p + below + right + c] ?? 0) * fx;
    out[to + c] = top * (1 - fy) + bottom * fy + 0.5;
  }
}
