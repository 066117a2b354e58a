import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom, type Random } from '../../random.js';
import { blurPlane } from '../filters/gaussian-blur.js';
import { colourGradient } from '../filters/gradient.js';
import { channelPlanes } from '../filters/plane.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** A window of coloured glass: straight-sided panes, each of one lively colour, set in dark lead, smaller where there is
 *  more to see. Strength makes the panes larger. */
export function stainedGlass(image: RgbImage, options: StyleOptions): RgbImage {
  const random = createRandom(options.seed);
  const unit = Math.min(image.width, image.height) / 224;
  const count = Math.round(700 * 0.4 ** strengthOf(options));
  const sites = settle(image, scatter(image, count, random), unit);
  const { nearest, margin } = nearestSites(image.width, image.height, sites);
  return glaze(image, nearest, margin, sites.length / 2, unit * (0.4 + 0.5 * random.uniform()), random);
}

/** Sites drawn with the steepness of the picture as their density, `[x0, y0, x1, y1, …]`. */
function scatter(image: RgbImage, count: number, random: Random): Float32Array {
  const weight = detailOf(image, 1.5);
  const total = weight.reduce((sum, value) => sum + value, 0);
  const sites = new Float32Array(count * 2);
  // Systematic sampling: one draw in each of `count` equal parts of the weight.
  let sum = 0;
  let k = 0;
  for (let i = 0; i < weight.length && k < count; i++) {
    sum += weight[i] ?? 0;
    while (k < count && sum >= ((k + 0.5) * total) / count) {
      sites[2 * k] = (i % image.width) + random.uniform();
      sites[2 * k + 1] = Math.floor(i / image.width) + random.uniform();
      k++;
    }
  }
  return sites.slice(0, 2 * k);
}

function detailOf(image: RgbImage, sigma: number): Float32Array {
  const planes = channelPlanes(image).map((plane) => blurPlane(plane, sigma));
  const { magnitude } = colourGradient(planes);
  const mean = magnitude.data.reduce((sum, value) => sum + value, 0) / magnitude.data.length;
  return magnitude.data.map((value) => value + 0.35 * mean + 1e-3);
}

/** Lloyd's relaxation, weighted by detail: sites move to the middle of what they hold, twice. */
function settle(image: RgbImage, start: Float32Array, unit: number): Float32Array {
  const weight = detailOf(image, 1.5 * unit);
  let sites = start;
  for (let round = 0; round < 2; round++) {
    const { nearest } = nearestSites(image.width, image.height, sites);
    const sums = new Float64Array((sites.length / 2) * 3);
    for (let i = 0; i < nearest.length; i++) {
      const k = (nearest[i] ?? 0) * 3;
      const w = weight[i] ?? 0;
      sums[k] = (sums[k] ?? 0) + w * (i % image.width);
      sums[k + 1] = (sums[k + 1] ?? 0) + w * Math.floor(i / image.width);
      sums[k + 2] = (sums[k + 2] ?? 0) + w;
    }
    sites = sites.map((old, j) => {
      const k = (j >> 1) * 3;
      const w = sums[k + 2] ?? 0;
      return w > 0 ? (sums[k + (j & 1)] ?? 0) / w : old;
    });
  }
  return sites;
}

/** For each pixel its nearest site, and by how much (pixels) the border to the next one is away. */
function nearestSites(width: number, height: number, sites: Float32Array) {
  const cell = Math.max(2, Math.sqrt((width * height) / Math.max(1, sites.length / 2)));
  const columns = Math.ceil(width / cell);
  const rows = Math.ceil(height / cell);
  const buckets: number[][] = Array.from({ length: columns * rows }, () => []);
  for (let k = 0; k < sites.length / 2; k++) {
    const column = Math.min(columns - 1, Math.floor((sites[2 * k] ?? 0) / cell));
    const row = Math.min(rows - 1, Math.floor((sites[2 * k + 1] ?? 0) / cell));
    buckets[row * columns + column]?.push(k);
  }
  const nearest = new Int32Array(width * height);
  const margin = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const found = searchAround(x, y, cell, columns, rows, buckets, sites);
      nearest[i] = found.site;
      margin[i] = found.margin;
    }
  }
  return { nearest, margin };
}

/** Rings of buckets about the pixel, until what is left lies farther away than the second best. */
function searchAround(
  x: number,
  y: number,
  cell: number,
  columns: number,
  rows: number,
  buckets: readonly (readonly number[])[],
  sites: Float32Array,
): { site: number; margin: number } {
  const column = Math.floor(x / cell);
  const row = Math.floor(y / cell);
  let site = 0;
  let best = Infinity;
  let second = Infinity;
  for (let ring = 0; ring <= Math.max(columns, rows); ring++) {
    if (((ring - 1) * cell) ** 2 > second) break;
    for (let v = row - ring; v <= row + ring; v++) {
      if (v < 0 || v >= rows) continue;
      const whole = v === row - ring || v === row + ring;
      for (let u = column - ring; u <= column + ring; u += whole ? 1 : Math.max(1, 2 * ring)) {
        if (u < 0 || u >= columns) continue;
        for (const k of buckets[v * columns + u] ?? []) {
          const d = ((sites[2 * k] ?? 0) - x) ** 2 + ((sites[2 * k + 1] ?? 0) - y) ** 2;
          if (d < best) {
            second = best;
            best = d;
            site = k;
          } else if (d < second) second = d;
        }
      }
    }
  }
  // Half the difference of the distances is the distance to the border, near it.
  return { site, margin: second === Infinity ? Infinity : (Math.sqrt(second) - Math.sqrt(best)) / 2 };
}

function glaze(
  image: RgbImage,
  nearest: Int32Array,
  margin: Float32Array,
  count: number,
  lead: number,
  random: Random,
): RgbImage {
  const sums = new Float64Array(count * 4);
  for (let i = 0; i < nearest.length; i++) {
    const k = (nearest[i] ?? 0) * 4;
    for (let c = 0; c < 3; c++) sums[k + c] = (sums[k + c] ?? 0) + (image.data[i * 3 + c] ?? 0);
    sums[k + 3] = (sums[k + 3] ?? 0) + 1;
  }
  const panes = new Float32Array(count * 3);
  for (let k = 0; k < count; k++) {
    const n = Math.max(1, sums[k * 4 + 3] ?? 1);
    const mean = [0, 1, 2].map((c) => (sums[k * 4 + c] ?? 0) / n);
    const grey = 0.299 * (mean[0] ?? 0) + 0.587 * (mean[1] ?? 0) + 0.114 * (mean[2] ?? 0);
    // Glass glows: livelier than the photo, and no two panes quite alike.
    const glow = 1 + 0.06 * random.normal();
    for (let c = 0; c < 3; c++) panes[k * 3 + c] = (grey + 1.7 * ((mean[c] ?? 0) - grey)) * glow + 12;
  }
  const data = new Uint8ClampedArray(image.data.length);
  for (let i = 0; i < nearest.length; i++) {
    const clear = Math.min(1, Math.max(0, (margin[i] ?? 0) - lead + 0.5));
    for (let c = 0; c < 3; c++) {
      data[i * 3 + c] = 22 + clear * ((panes[(nearest[i] ?? 0) * 3 + c] ?? 0) - 22);
    }
  }
  return { ...image, data: new Uint8Array(data.buffer) };
}
