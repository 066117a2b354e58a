import type { RgbImage } from '../../image/rgb-image.js';
import type { Canvas } from './canvas.js';

/** Mean and Cholesky factor of the covariance of a picture's colours in an opponent space (luma, red-green,
 *  blue-yellow): what {@link moveColours} moves to. */
export interface ColourStatistics {
  readonly mean: readonly [number, number, number];
  /** Lower triangular: `[l00, l10, l11, l20, l21, l22]`. */
  readonly factor: readonly [number, number, number, number, number, number];
}

// About 1,500 pixels tell mean and covariance to a few parts in a hundred.
const SAMPLED = 1500;

/** Statistics of a picture, from a sample of its pixels. */
export function pictureColours({ data }: RgbImage): ColourStatistics {
  const pixels = data.length / 3;
  const step = Math.max(1, Math.floor(pixels / SAMPLED)) | 1;
  const read = (i: number, c: number): number => (data[i * 3 + c] as number) / 255;
  return statistics(pixels, step, read);
}

/** Moves the canvas's colours so that their mean and covariance become those given: the linear map `L_t L_s⁻¹` of
 *  Reinhard 2001's idea with whole covariances; luma leads, so that light stays light.
 *  @param share 0 leaves the colours, 1 moves them all the way. */
export function moveColours(canvas: Canvas, target: ColourStatistics, share: number): void {
  const [r, g, b] = canvas.planes;
  const step = Math.max(1, Math.floor(r.length / SAMPLED)) | 1;
  const own = statistics(r.length, step, (i, c) => (canvas.planes[c] as Float32Array)[i] as number);
  const map = mapOf(own.factor, target.factor);
  for (let i = 0; i < r.length; i++) {
    const red = r[i] as number;
    const green = g[i] as number;
    const blue = b[i] as number;
    const y = (red + green + blue) / 3 - own.mean[0];
    const u = red - green - own.mean[1];
    const v = (red + green) / 2 - blue - own.mean[2];
    const y2 = map[0] * y + target.mean[0];
    const u2 = map[1] * y + map[2] * u + target.mean[1];
    const v2 = map[3] * y + map[4] * u + map[5] * v + target.mean[2];
    // Back from (r+g+b)/3, r−g, (r+g)/2−b.
    const half = y2 + v2 / 3;
    r[i] = red + share * (half + u2 / 2 - red);
    g[i] = green + share * (half - u2 / 2 - green);
    b[i] = blue + share * (y2 - (2 * v2) / 3 - blue);
  }
}

function statistics(pixels: number, step: number, read: (i: number, c: number) => number): ColourStatistics {
  const mean: [number, number, number] = [0, 0, 0];
  let [yy, uy, uu, vy, vu, vv] = [0, 0, 0, 0, 0, 0];
  let count = 0;
  for (let i = 0; i < pixels; i += step, count++) {
    const red = read(i, 0);
    const green = read(i, 1);
    const blue = read(i, 2);
    const y = (red + green + blue) / 3;
    const u = red - green;
    const v = (red + green) / 2 - blue;
    mean[0] += y;
    mean[1] += u;
    mean[2] += v;
    yy += y * y;
    uy += u * y;
    uu += u * u;
    vy += v * y;
    vu += v * u;
    vv += v * v;
  }
  for (let c = 0; c < 3; c++) mean[c] = (mean[c] as number) / count;
  const [my, mu, mv] = mean;
  const centred = [my * my, mu * my, mu * mu, mv * my, mv * mu, mv * mv].map(
    (product, k) => ([yy, uy, uu, vy, vu, vv][k] as number) / count - product,
  );
  return { mean, factor: cholesky(centred) };
}

// The floor keeps a grey picture's inverse finite: a deviation of about 3 grey levels.
const FLOOR = 0.012;

function cholesky(c: readonly number[]): ColourStatistics['factor'] {
  const [yy = 0, uy = 0, uu = 0, vy = 0, vu = 0, vv = 0] = c;
  const l00 = Math.max(FLOOR, Math.sqrt(Math.max(0, yy)));
  const l10 = uy / l00;
  const l11 = Math.max(FLOOR, Math.sqrt(Math.max(0, uu - l10 * l10)));
  const l20 = vy / l00;
  const l21 = (vu - l20 * l10) / l11;
  const l22 = Math.max(FLOOR, Math.sqrt(Math.max(0, vv - l20 * l20 - l21 * l21)));
  return [l00, l10, l11, l20, l21, l22];
}

/** `L_t L_s⁻¹`, lower triangular; gains are held so that a flat photo's noise is not blown up. */
function mapOf(
  own: ColourStatistics['factor'],
  target: ColourStatistics['factor'],
): readonly [number, number, number, number, number, number] {
  const [s00, s10, s11, s20, s21, s22] = own;
  const [t00, t10, t11, t20, t21, t22] = target;
  const i00 = 1 / s00;
  const i11 = 1 / s11;
  const i22 = 1 / s22;
  const i10 = -s10 * i00 * i11;
  const i21 = -s21 * i11 * i22;
  const i20 = -(s20 * i00 + s21 * i10) * i22;
  const held = (value: number): number => Math.min(4, Math.max(-4, value));
  return [
    held(t00 * i00),
    held(t10 * i00 + t11 * i10),
    held(t11 * i11),
    held(t20 * i00 + t21 * i10 + t22 * i20),
    held(t21 * i11 + t22 * i21),
    held(t22 * i22),
  ];
}
