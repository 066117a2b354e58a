import { SIGNATURE_SIDE } from './copy-signature.js';

export const SIGNATURE_PIXELS = SIGNATURE_SIDE * SIGNATURE_SIDE;

/** The signature's cells left to right. */
export function flipped(luma: Uint8Array): Uint8Array {
  const out = new Uint8Array(luma.length);
  for (let i = 0; i < luma.length; i++) {
    const x = i % SIGNATURE_SIDE;
    out[i] = luma[i - x + SIGNATURE_SIDE - 1 - x] as number;
  }
  return out;
}

/** Gaussian blur of a signature, edges repeated. @param sigma deviation in cells. */
export function blurred(luma: Uint8Array, sigma: number): Float32Array {
  const weights = kernel(sigma);
  const rows = new Float32Array(luma.length);
  for (let y = 0; y < SIGNATURE_SIDE; y++) blurLine(luma, rows, y * SIGNATURE_SIDE, 1, weights);
  const out = new Float32Array(luma.length);
  for (let x = 0; x < SIGNATURE_SIDE; x++) blurLine(rows, out, x, SIGNATURE_SIDE, weights);
  return out;
}

const kernels = new Map<number, Float32Array>();

function kernel(sigma: number): Float32Array {
  const kept = kernels.get(sigma);
  if (kept) return kept;
  const radius = Math.ceil(2.5 * sigma);
  const weights = Float32Array.from({ length: radius + 1 }, (_, k) =>
    Math.exp((-k * k) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, w, k) => sum + (k === 0 ? w : 2 * w), 0);
  const made = weights.map((w) => w / total);
  kernels.set(sigma, made);
  return made;
}

const line = new Float32Array(SIGNATURE_SIDE * 2);

function blurLine(
  from: Uint8Array | Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  weights: Float32Array,
): void {
  const radius = weights.length - 1;
  const last = start + (SIGNATURE_SIDE - 1) * step;
  for (let k = 0; k < radius; k++) {
    line[k] = from[start] as number;
    line[radius + SIGNATURE_SIDE + k] = from[last] as number;
  }
  for (let x = 0; x < SIGNATURE_SIDE; x++) line[radius + x] = from[start + x * step] as number;
  for (let x = 0; x < SIGNATURE_SIDE; x++) {
    let sum = (weights[0] as number) * (line[radius + x] as number);
    for (let k = 1; k <= radius; k++) {
      sum += (weights[k] as number) * ((line[radius + x - k] as number) + (line[radius + x + k] as number));
    }
    to[start + x * step] = sum;
  }
}
