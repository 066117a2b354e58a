import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';
import { between, blankCanvas, type Canvas, chance, toPicture } from './canvas.js';
import { smoothNoise } from './smooth-noise.js';

export interface WarpOptions {
  /** How far from the original: 1 turns by about 5°, stretches by 8 %, bends by 2 % of the side. 1 unless told. */
  readonly amount?: number;
  /** What lies outside the picture is white paper; else its edge goes on. */
  readonly paper?: boolean;
}

/** Moves a picture about as no two hands place things alike: turned, stretched, shifted, cut and bent by smooth noise.
 *  Left and right stay. The size stays. */
export const warpQuery = (picture: RgbImage, random: Random, options: WarpOptions = {}): RgbImage =>
  toPicture(warped(picture, random, options));

/** {@link warpQuery} onto a canvas. */
export function warped(picture: RgbImage, random: Random, options: WarpOptions = {}): Canvas {
  const { amount = 1, paper = false } = options;
  const { width, height } = picture;
  const out = blankCanvas(width, height);
  const side = Math.min(width, height);
  const turn = 0.09 * amount * random.normal();
  // Seen from nearer as a rule: a query seldom shows more than its photo.
  const zoom = between(random, 1 - 0.22 * amount, 1 + 0.06 * amount);
  const stretch = Math.exp(0.08 * amount * random.normal());
  const a = zoom * stretch * Math.cos(turn);
  const b = (zoom / stretch) * -Math.sin(turn);
  const c = zoom * stretch * Math.sin(turn);
  const d = (zoom / stretch) * Math.cos(turn);
  const room = Math.max(0.03 * amount, (1 - zoom) / 2);
  const shiftX = width * between(random, -room, room);
  const shiftY = height * between(random, -room, room);
  const bend = side * 0.02 * amount * (chance(random, 0.7) ? between(random, 0.3, 1.5) : 0);
  const cell = side * between(random, 0.12, 0.45);
  const bendX = smoothNoise(width, height, cell, random).data;
  const bendY = smoothNoise(width, height, cell, random).data;
  for (let y = 0, i = 0; y < height; y++) {
    const v = y - height / 2;
    for (let x = 0; x < width; x++, i++) {
      const u = x - width / 2;
      const fromX = a * u + b * v + width / 2 + shiftX + bend * (bendX[i] as number);
      const fromY = c * u + d * v + height / 2 + shiftY + bend * (bendY[i] as number);
      sample(picture, fromX, fromY, paper, out, i);
    }
  }
  return out;
}

function sample(
  { width, height, data }: RgbImage,
  x: number,
  y: number,
  paper: boolean,
  { planes }: Canvas,
  i: number,
): void {
  if (paper && (x < -0.5 || y < -0.5 || x > width - 0.5 || y > height - 0.5)) {
    planes[0][i] = 1;
    planes[1][i] = 1;
    planes[2][i] = 1;
    return;
  }
  const cx = Math.min(width - 1, Math.max(0, x));
  const cy = Math.min(height - 1, Math.max(0, y));
  const x0 = Math.min(Math.max(0, width - 2), cx | 0);
  const y0 = Math.min(Math.max(0, height - 2), cy | 0);
  const fx = cx - x0;
  const fy = cy - y0;
  const p = (y0 * width + x0) * 3;
  const right = width > 1 ? 3 : 0;
  const below = height > 1 ? width * 3 : 0;
  const w00 = (1 - fx) * (1 - fy) * SCALE;
  const w10 = fx * (1 - fy) * SCALE;
  const w01 = (1 - fx) * fy * SCALE;
  const w11 = fx * fy * SCALE;
  for (let k = 0; k < 3; k++) {
    const at = p + k;
    (planes[k] as Float32Array)[i] =
      w00 * (data[at] as number) +
      w10 * (data[at + right] as number) +
      w01 * (data[at + below] as number) +
      w11 * (data[at + below + right] as number);
  }
}

const SCALE = 1 / 255;
