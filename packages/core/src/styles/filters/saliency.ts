import { cropResize } from '../../image/crop-resize.js';
import type { RgbImage } from '../../image/rgb-image.js';
import { blurPlane } from './gaussian-blur.js';
import { emptyPlane, type Plane } from './plane.js';

// 48 × 48 cells tell where an object is; finer only adds texture.
const GRID = 48;

/** Where a viewer would look, 0 to 1: how unlike the picture's border a colour is, times a preference for the middle.
 *  The border stands for the background, described by the colours of its four sides. */
export function saliencyMap(image: RgbImage): Plane {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const small = cropResize(image, whole, GRID, GRID);
  const lab = opponentColours(small);
  const map = emptyPlane(GRID, GRID);
  const background = borderColours(lab);
  for (let y = 0; y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const i = y * GRID + x;
      const u = (x + 0.5) / GRID - 0.5;
      const v = (y + 0.5) / GRID - 0.5;
      const centre = Math.exp(-(u * u + v * v) / (2 * 0.28 * 0.28));
      map.data[i] = Math.sqrt(nearestSquared(lab, i, background)) * centre;
    }
  }
  return spread(normalised(blurPlane(map, 1.5)), image.width, image.height);
}

// Brightness, red against green, blue against yellow: distances here follow the eye better than in RGB.
function opponentColours(image: RgbImage): Float32Array {
  const out = new Float32Array(image.width * image.height * 3);
  for (let p = 0; p < out.length; p += 3) {
    const r = (image.data[p] ?? 0) / 255;
    const g = (image.data[p + 1] ?? 0) / 255;
    const b = (image.data[p + 2] ?? 0) / 255;
    out[p] = (r + g + b) / 3;
    out[p + 1] = r - g;
    out[p + 2] = (r + g) / 2 - b;
  }
  return out;
}

// Means of eight stretches of the border: top, bottom and sides are seldom one colour.
function borderColours(lab: Float32Array): number[][] {
  const stretches: number[][] = [];
  const half = GRID / 2;
  for (const [x0, y0, w, h] of [
    [0, 0, half, 3],
    [half, 0, half, 3],
    [0, GRID - 3, half, 3],
    [half, GRID - 3, half, 3],
    [0, 0, 3, half],
    [0, half, 3, half],
    [GRID - 3, 0, 3, half],
    [GRID - 3, half, 3, half],
  ] as const) {
    const mean = [0, 0, 0];
    for (let y = y0; y < y0 + h; y++) {
      for (let x = x0; x < x0 + w; x++) {
        for (let c = 0; c < 3; c++) mean[c] = (mean[c] ?? 0) + (lab[(y * GRID + x) * 3 + c] ?? 0) / (w * h);
      }
    }
    stretches.push(mean);
  }
  return stretches;
}

function nearestSquared(lab: Float32Array, i: number, colours: readonly number[][]): number {
  let best = Infinity;
  for (const colour of colours) {
    let d = 0;
    for (let c = 0; c < 3; c++) d += ((lab[i * 3 + c] ?? 0) - (colour[c] ?? 0)) ** 2;
    best = Math.min(best, d);
  }
  return best;
}

function normalised(map: Plane): Plane {
  const top = map.data.reduce((high, value) => Math.max(high, value), 1e-6);
  return { ...map, data: map.data.map((value) => value / top) };
}

function spread(map: Plane, width: number, height: number): Plane {
  const out = emptyPlane(width, height);
  for (let y = 0; y < height; y++) {
    const v = Math.min(GRID - 1, Math.max(0, ((y + 0.5) * GRID) / height - 0.5));
    const y0 = Math.min(GRID - 2, Math.floor(v));
    for (let x = 0; x < width; x++) {
      const u = Math.min(GRID - 1, Math.max(0, ((x + 0.5) * GRID) / width - 0.5));
      const x0 = Math.min(GRID - 2, Math.floor(u));
      const i = y0 * GRID + x0;
      const top = (map.data[i] ?? 0) * (1 - u + x0) + (map.data[i + 1] ?? 0) * (u - x0);
      const bottom = (map.data[i + GRID] ?? 0) * (1 - u + x0) + (map.data[i + GRID + 1] ?? 0) * (u - x0);
      out.data[y * width + x] = top * (1 - v + y0) + bottom * (v - y0);
    }
  }
  return out;
}
