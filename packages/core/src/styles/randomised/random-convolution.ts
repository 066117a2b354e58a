import type { Random } from '../../random.js';
import { between, type Canvas, oneOf } from './canvas.js';

/** A random convolution of 1, 3, 5 or 7 pixels that keeps the shapes and changes everything else (Xu 2021, RandConv):
 *  one or two random separable kernels, each with a random mixing of the colours, then each channel's mean and deviation as
 *  before, mixed with the picture itself by a random share. */
export function randomConvolution(canvas: Canvas, random: Random): void {
  const { width, height, planes } = canvas;
  const side = oneOf(random, [1, 3, 3, 5, 7]);
  const share = between(random, 0.3, 1);
  const sums = planes.map((plane) => new Float32Array(plane.length));
  for (let part = 0; part < (side === 3 ? 2 : 1); part++) {
    const across = kernel(side, random);
    const down = kernel(side, random);
    for (const sum of sums) {
      const mixed = mixChannels(planes, random);
      const filtered = side === 1 ? mixed : separable(mixed, width, height, across, down);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (filtered[i] as number);
    }
  }
  planes.forEach((plane, c) => {
    blendLike(plane, sums[c] as Float32Array, share);
  });
}

const kernel = (side: number, random: Random): Float32Array =>
  Float32Array.from({ length: side }, () => random.normal());

function mixChannels(planes: Canvas['planes'], random: Random): Float32Array {
  const [r, g, b] = planes;
  const [wr, wg, wb] = [random.normal(), random.normal(), random.normal()];
  const out = new Float32Array(r.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = wr * (r[i] as number) + wg * (g[i] as number) + wb * (b[i] as number);
  }
  return out;
}

function separable(
  data: Float32Array,
  width: number,
  height: number,
  across: Float32Array,
  down: Float32Array,
): Float32Array {
  const half = across.length >> 1;
  const rows = new Float32Array(data.length);
  const padded = new Float32Array(width + 2 * half);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    padded.fill(data[row] as number, 0, half);
    padded.set(data.subarray(row, row + width), half);
    padded.fill(data[row + width - 1] as number, half + width);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < across.length; k++) sum += (across[k] as number) * (padded[x + k] as number);
      rows[row + x] = sum;
    }
  }
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    const to = y * width;
    for (let k = -half; k <= half; k++) {
      const from = Math.min(height - 1, Math.max(0, y + k)) * width;
      const w = down[k + half] as number;
      for (let x = 0; x < width; x++) {
        out[to + x] = (out[to + x] as number) + w * (rows[from + x] as number);
      }
    }
  }
  return out;
}

function blendLike(plane: Float32Array, other: Float32Array, share: number): void {
  const own = moments(plane);
  const its = moments(other);
  const gain = own.deviation / Math.max(1e-4, its.deviation);
  for (let i = 0; i < plane.length; i++) {
    const alike = own.mean + gain * ((other[i] as number) - its.mean);
    plane[i] = (plane[i] as number) + share * (alike - (plane[i] as number));
  }
}

function moments(data: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    sum += value;
    squares += value * value;
  }
  const mean = sum / data.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / data.length - mean * mean)) };
}
