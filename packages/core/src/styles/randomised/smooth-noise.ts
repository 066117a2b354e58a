import type { Random } from '../../random.js';
import { emptyPlane, type Plane } from '../filters/plane.js';

/** Noise that changes slowly: normal numbers on a grid, smoothly joined; mean 0, deviation about 0.7.
 *  @param cell distance of the grid's knots in pixels, above 1. */
export function smoothNoise(width: number, height: number, cell: number, random: Random): Plane {
  const columns = Math.ceil(width / cell) + 2;
  const rows = Math.ceil(height / cell) + 2;
  const knots = Float32Array.from({ length: columns * rows }, () => random.normal());
  const plane = emptyPlane(width, height);
  const line = new Float32Array(columns);
  const across = steps(width, cell);
  for (let y = 0; y < height; y++) {
    const v = y / cell;
    const row = Math.floor(v);
    const fy = ease(v - row);
    for (let k = 0; k < columns; k++) {
      const above = knots[row * columns + k] as number;
      line[k] = above + fy * ((knots[(row + 1) * columns + k] as number) - above);
    }
    for (let x = 0; x < width; x++) {
      const k = across.knot[x] as number;
      const left = line[k] as number;
      plane.data[y * width + x] = left + (across.share[x] as number) * ((line[k + 1] as number) - left);
    }
  }
  return plane;
}

function steps(width: number, cell: number): { knot: Int32Array; share: Float32Array } {
  const knot = new Int32Array(width);
  const share = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const u = x / cell;
    knot[x] = Math.floor(u);
    share[x] = ease(u - Math.floor(u));
  }
  return { knot, share };
}

// Smoothstep: no kink where one cell meets the next.
const ease = (t: number): number => t * t * (3 - 2 * t);

/** Noise without any pattern, mean 0, from a stream of its own (xorshift of Marsaglia 2003, started by one draw): three
 *  evenly spread numbers of ten bits add up to something near enough to normal. @param deviation of the values. */
export function whiteNoise(length: number, deviation: number, random: Random): Float32Array {
  const out = new Float32Array(length);
  let state = random.integer(2 ** 31) | 1;
  // A sum of three numbers of 0 to 1,023 has mean 1534.5 and deviation 511.5.
  const scale = deviation / 511.5;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = scale * ((state & 1023) + ((state >>> 10) & 1023) + ((state >>> 20) & 1023) - 1534.5);
  }
  return out;
}
