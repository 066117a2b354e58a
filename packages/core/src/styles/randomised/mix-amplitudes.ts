import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';
import { between, type Canvas } from './canvas.js';
import { transform2d } from './fourier.js';

// Frequencies up to 32 a side hold what a style's light, colour and coarse texture are; finer ones stay the photo's.
const SIDE = 64;

/** Gives the canvas something of a painting's Fourier amplitudes and keeps its own phases, that is its shapes (Xu 2021,
 *  "A Fourier-based framework for domain generalization"): at 64 × 64, and the change added to the whole. */
export function mixAmplitudes(canvas: Canvas, painting: RgbImage, random: Random): void {
  const share = between(random, 0.2, 0.85);
  for (let c = 0; c < 3; c++) {
    const plane = canvas.planes[c] as Float32Array;
    const own = shrunk((x, y) => plane[y * canvas.width + x] as number, canvas.width, canvas.height);
    const other = shrunk(
      (x, y) => (painting.data[(y * painting.width + x) * 3 + c] as number) / 255,
      painting.width,
      painting.height,
    );
    const change = changeOf(own, other, share);
    addEnlarged(plane, canvas.width, canvas.height, change);
  }
}

function shrunk(read: (x: number, y: number) => number, width: number, height: number): Float32Array {
  const out = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    const y0 = Math.floor((y * height) / SIDE);
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * height) / SIDE));
    for (let x = 0; x < SIDE; x++) {
      const x0 = Math.floor((x * width) / SIDE);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * width) / SIDE));
      let sum = 0;
      for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += read(u, v);
      out[y * SIDE + x] = sum / ((y1 - y0) * (x1 - x0));
    }
  }
  return out;
}

/** New less old, `[64, 64]`. The two real pictures go through one complex transform: with z = own + i·other,
 *  Own_k = (Z_k + Z*_{−k})/2 and Other_k = (Z_k − Z*_{−k})/2i. */
function changeOf(own: Float32Array, other: Float32Array, share: number): Float32Array {
  const re = own.slice();
  const im = other.slice();
  transform2d(re, im, SIDE, false);
  const outRe = new Float32Array(SIDE * SIDE);
  const outIm = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const k = y * SIDE + x;
      const m = ((SIDE - y) % SIDE) * SIDE + ((SIDE - x) % SIDE);
      const ownRe = ((re[k] as number) + (re[m] as number)) / 2;
      const ownIm = ((im[k] as number) - (im[m] as number)) / 2;
      const otherRe = ((im[k] as number) + (im[m] as number)) / 2;
      const otherIm = ((re[m] as number) - (re[k] as number)) / 2;
      const amplitude = Math.sqrt(ownRe * ownRe + ownIm * ownIm);
      const wanted = Math.sqrt(otherRe * otherRe + otherIm * otherIm);
      const gain = (share * (wanted - amplitude)) / Math.max(1e-4, amplitude);
      outRe[k] = gain * ownRe;
      outIm[k] = gain * ownIm;
    }
  }
  transform2d(outRe, outIm, SIDE, true);
  return outRe;
}

function addEnlarged(plane: Float32Array, width: number, height: number, change: Float32Array): void {
  for (let y = 0; y < height; y++) {
    const v = Math.min(SIDE - 1, Math.max(0, ((y + 0.5) * SIDE) / height - 0.5));
    const y0 = Math.min(SIDE - 2, v | 0);
    const fy = v - y0;
    for (let x = 0; x < width; x++) {
      const u = Math.min(SIDE - 1, Math.max(0, ((x + 0.5) * SIDE) / width - 0.5));
      const x0 = Math.min(SIDE - 2, u | 0);
      const fx = u - x0;
      const k = y0 * SIDE + x0;
      const top = (change[k] as number) + fx * ((change[k + 1] as number) - (change[k] as number));
      const low =
        (change[k + SIDE] as number) + fx * ((change[k + SIDE + 1] as number) - (change[k + SIDE] as number));
      const i = y * width + x;
      plane[i] = (plane[i] as number) + top + fy * (low - top);
    }
  }
}
