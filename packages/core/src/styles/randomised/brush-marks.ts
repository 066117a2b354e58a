import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';
import type { Plane } from '../filters/plane.js';
import { between, type Canvas, chance, lumaOf } from './canvas.js';
import { softBlur } from './fast-blur.js';
import { whiteNoise } from './smooth-noise.js';

/** Adds the fine structure of a painting (what its blur leaves out) over the canvas: canvas, strokes, grain. The
 *  painting is laid from a random place on, mirrored at its edges. */
export function addTexture(canvas: Canvas, painting: RgbImage, random: Random): void {
  const { width, height } = canvas;
  const [r, g, b] = canvas.planes;
  const grain = luma(painting);
  const calm = softBlur(grain, between(random, 1.2, 5) * Math.max(1, painting.width / 224)).data;
  const gain = between(random, 0.3, 1.3);
  const startX = random.integer(painting.width * 2);
  const startY = random.integer(painting.height * 2);
  const columns = Int32Array.from({ length: width }, (_, x) => mirrored(startX + x, painting.width));
  for (let y = 0; y < height; y++) {
    const row = mirrored(startY + y, painting.height) * painting.width;
    for (let x = 0; x < width; x++) {
      const from = row + (columns[x] as number);
      const add = gain * ((grain.data[from] as number) - (calm[from] as number));
      const i = y * width + x;
      r[i] = (r[i] as number) + add;
      g[i] = (g[i] as number) + add;
      b[i] = (b[i] as number) + add;
    }
  }
}

function mirrored(place: number, length: number): number {
  const at = place % (2 * length);
  return at < length ? at : 2 * length - 1 - at;
}

function luma({ width, height, data }: RgbImage): Plane {
  const out = new Float32Array(width * height);
  for (let i = 0, p = 0; i < out.length; i++, p += 3) {
    out[i] =
      (0.299 * (data[p] as number) + 0.587 * (data[p + 1] as number) + 0.114 * (data[p + 2] as number)) / 255;
  }
  return { width, height, data: out };
}

/** Smears colour and a coarse grain along the contours, as bristles would: short line integrals (Cabral and Leedom
 *  1993) through the field across the gradient. */
export function smearAlongContours(canvas: Canvas, random: Random, unit: number): void {
  const { width, height, planes } = canvas;
  const { x: fieldX, y: fieldY } = contourField(lumaOf(canvas), unit * between(random, 1.5, 4));
  const reach = Math.round(unit * between(random, 2, 6));
  const grain = chance(random, 0.7) ? between(random, 0.03, 0.16) : 0;
  const noise = whiteNoise(width * height, 1.15 * grain, random);
  const [fromR, fromG, fromB] = planes.map((plane) => plane.slice()) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      let r = 0;
      let g = 0;
      let b = 0;
      let n = 0;
      for (let sense = -1; sense <= 1; sense += 2) {
        let u = x + 0.5;
        let v = y + 0.5;
        let dx = sense * (fieldX[i] as number);
        let dy = sense * (fieldY[i] as number);
        for (let step = 0; step < reach; step++) {
          const at = (v | 0) * width + (u | 0);
          r += fromR[at] as number;
          g += fromG[at] as number;
          b += fromB[at] as number;
          n += noise[at] as number;
          // The field has no sense of its own: go on the way one came.
          const fx = fieldX[at] as number;
          const fy = fieldY[at] as number;
          const same = fx * dx + fy * dy >= 0 ? 1 : -1;
          dx = same * fx;
          dy = same * fy;
          u = Math.min(width - 0.5, Math.max(0, u + dx));
          v = Math.min(height - 0.5, Math.max(0, v + dy));
        }
      }
      const scale = 1 / (2 * reach);
      planes[0][i] = (r + n) * scale;
      planes[1][i] = (g + n) * scale;
      planes[2][i] = (b + n) * scale;
    }
  }
}

/** Unit vectors along the contours, from the structure tensor blurred by `sigma`. */
function contourField(plane: Plane, sigma: number): { x: Float32Array; y: Float32Array } {
  const { width, height, data } = plane;
  const size = width * height;
  const [xx, xy, yy] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const gx = (data[x + 1 < width ? i + 1 : i] as number) - (data[x > 0 ? i - 1 : i] as number);
      const gy = (data[y + 1 < height ? i + width : i] as number) - (data[y > 0 ? i - width : i] as number);
      xx[i] = gx * gx;
      xy[i] = gx * gy;
      yy[i] = gy * gy;
    }
  }
  const [sxx, sxy, syy] = [xx, xy, yy].map((part) => softBlur({ width, height, data: part }, sigma).data);
  const [fx, fy] = [new Float32Array(size), new Float32Array(size)];
  for (let i = 0; i < size; i++) {
    // The angle of the gradient's axis is ½·atan2(2·xy, xx − yy); the contour runs across it.
    const angle = 0.5 * Math.atan2(2 * (sxy?.[i] as number), (sxx?.[i] as number) - (syy?.[i] as number));
    fx[i] = -Math.sin(angle);
    fy[i] = Math.cos(angle);
  }
  return { x: fx, y: fy };
}

/** Grain of paper or film: normal noise of one or three channels, fine or in soft lumps. */
export function addNoise(canvas: Canvas, random: Random): void {
  const { width, height, planes } = canvas;
  const amount = between(random, 0.01, 0.08);
  const lumps = chance(random, 0.35) ? between(random, 0.7, 1.6) : 0;
  const together = chance(random, 0.6);
  let shared: Float32Array | undefined;
  for (const plane of planes) {
    const noise = shared ?? grainOf(width, height, lumps, random);
    if (together) shared = noise;
    for (let i = 0; i < plane.length; i++) plane[i] = (plane[i] as number) + amount * (noise[i] as number);
  }
}

function grainOf(width: number, height: number, lumps: number, random: Random): Float32Array {
  // A blur of deviation s leaves 1/(2s√π) of white noise's deviation.
  const data = whiteNoise(width * height, lumps > 0 ? 2 * lumps * 1.77 : 1, random);
  return lumps > 0 ? softBlur({ width, height, data }, lumps).data : data;
}
