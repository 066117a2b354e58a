import type { Random } from '../../random.js';
import type { Plane } from '../filters/plane.js';
import { between, chance } from './canvas.js';
import { softBlur } from './fast-blur.js';
import { levelAt } from './level-at.js';

/** How a line is found. */
export type LineKind = 'difference' | 'xdog' | 'sobel' | 'ridge' | 'thin';

/** Lines of a random kind, width and density: 1 paper, 0 ink. Thresholds follow each picture's own contrast, so that
 *  at most about `coverage` of the paper is inked. @param luma 0 to 1. @param unit 1 for a picture of 160 pixels. */
export function inkLines(luma: Plane, kind: LineKind, random: Random, unit: number, coverage: number): Plane {
  const hard = chance(random, 0.5) ? between(random, 8, 30) : between(random, 2, 6);
  const strength = strengthOf(luma, kind, random, unit);
  // Ink begins at the quantile that leaves the share wanted, and is full a little above it.
  const start = Math.max(1e-3, 0.12 * levelAt(strength, 0.995), levelAt(strength, 1 - coverage));
  const slope = hard / (start * 4);
  const data = new Float32Array(strength.length);
  for (let i = 0; i < data.length; i++) {
    const ink = 0.5 + slope * ((strength[i] as number) - start);
    data[i] = 1 - Math.min(1, Math.max(0, ink));
  }
  return { width: luma.width, height: luma.height, data };
}

function strengthOf(luma: Plane, kind: LineKind, random: Random, unit: number): Float32Array {
  switch (kind) {
    case 'difference':
      return darkSides(luma, unit * between(random, 0.6, 2.2), between(random, 1.4, 2.6));
    case 'xdog':
      return inkOfXdog(luma, unit * between(random, 0.6, 1.8), between(random, 4, 30));
    case 'sobel':
      return steepness(softBlur(luma, unit * between(random, 0.4, 2)));
    case 'thin':
      return ridgesOf(luma, unit * between(random, 0.8, 2.6));
    case 'ridge':
      return bothSides(luma, unit * between(random, 0.7, 1.8));
  }
}

/** Where the picture is darker than its surroundings. */
function darkSides(luma: Plane, sigma: number, ratio: number): Float32Array {
  const narrow = softBlur(luma, sigma).data;
  const wide = softBlur(luma, sigma * ratio).data;
  return narrow.map((v, i) => Math.max(0, (wide[i] as number) - v));
}

/** Where it differs from its surroundings either way: double lines along every edge. */
function bothSides(luma: Plane, sigma: number): Float32Array {
  const narrow = softBlur(luma, sigma).data;
  const wide = softBlur(luma, sigma * 1.8).data;
  return narrow.map((v, i) => Math.abs((wide[i] as number) - v));
}

/** XDoG (Winnemöller 2011): sharpened luma turned over, so that lines and dark areas are ink. */
function inkOfXdog(luma: Plane, sigma: number, sharpness: number): Float32Array {
  const narrow = softBlur(luma, sigma).data;
  const wide = softBlur(luma, sigma * 1.6).data;
  return narrow.map((v, i) => Math.max(0, 2 + sharpness * ((wide[i] as number) - v) - v));
}

/** Length of the Sobel gradient. */
export function steepness({ width, height, data }: Plane): Float32Array {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) * width;
    const mid = y * width;
    const low = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const l = Math.max(0, x - 1);
      const r = Math.min(width - 1, x + 1);
      const ul = data[up + l] as number;
      const ur = data[up + r] as number;
      const dl = data[low + l] as number;
      const dr = data[low + r] as number;
      const gx = ur - ul + dr - dl + 2 * ((data[mid + r] as number) - (data[mid + l] as number));
      const gy = dl - ul + dr - ur + 2 * ((data[low + x] as number) - (data[up + x] as number));
      out[mid + x] = Math.sqrt(gx * gx + gy * gy);
    }
  }
  return out;
}

/** The crests of the gradient: its length where neither neighbour across the edge is steeper, or nearly, else 0. Lines of
 *  a pixel or two, as a fine pen draws them. */
function ridgesOf(luma: Plane, sigma: number): Float32Array {
  const { width, height, data } = softBlur(luma, sigma);
  const gx = new Float32Array(data.length);
  const gy = new Float32Array(data.length);
  const length = new Float32Array(data.length);
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      const dx = (data[i + 1] as number) - (data[i - 1] as number);
      const dy = (data[i + width] as number) - (data[i - width] as number);
      gx[i] = dx;
      gy[i] = dy;
      length[i] = Math.sqrt(dx * dx + dy * dy);
    }
  }
  const out = new Float32Array(data.length);
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      const step = stepAcross(gx[i] as number, gy[i] as number, width);
      const here = length[i] as number;
      const beside = Math.max(length[i + step] as number, length[i - step] as number);
      if (here >= 0.97 * beside) out[i] = here;
    }
  }
  return out;
}

/** Of the eight neighbours the one that a vector points at, as an offset. */
function stepAcross(dx: number, dy: number, width: number): number {
  const wide = Math.abs(dx);
  const high = Math.abs(dy);
  // tan 22.5°: beyond it the diagonal is nearer.
  const right = wide > 0.414 * high ? Math.sign(dx) : 0;
  const down = high > 0.414 * wide ? Math.sign(dy) : 0;
  return down * width + right;
}

/** Each value becomes the least of its neighbours above, below, left and right, `times` over: ink grows. */
export function thicken(paper: Plane, times: number): Plane {
  let current = paper;
  for (let pass = 0; pass < times; pass++) current = grown(current);
  return current;
}

function grown({ width, height, data }: Plane): Plane {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) * width;
    const mid = y * width;
    const low = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const beside = Math.min(
        data[mid + Math.max(0, x - 1)] as number,
        data[mid + Math.min(width - 1, x + 1)] as number,
      );
      const above = Math.min(data[up + x] as number, data[low + x] as number);
      out[mid + x] = Math.min(data[mid + x] as number, beside, above);
    }
  }
  return { width, height, data: out };
}

/** Wipes out inked spots of fewer than `least` pixels, in place: dust, not strokes. */
export function wipeSpecks({ width, height, data }: Plane, least: number): void {
  const seen = new Uint8Array(data.length);
  const stack = new Int32Array(data.length);
  const spot = new Int32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    if (seen[i] === 1 || (data[i] as number) > INKED) continue;
    let size = 0;
    let open = 0;
    stack[open++] = i;
    seen[i] = 1;
    while (open > 0) {
      const at = stack[--open] as number;
      spot[size++] = at;
      const x = at % width;
      const y = (at - x) / width;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (seen[next] === 1 || (data[next] as number) > INKED) continue;
          seen[next] = 1;
          stack[open++] = next;
        }
      }
    }
    if (size < least) for (let k = 0; k < size; k++) data[spot[k] as number] = 1;
  }
}

const INKED = 0.75;
