import type { GradientField } from './gradient.js';

/** Thin edges after Canny 1986: non-maximum suppression across the edge, then hysteresis.
 *  @param strength what an edge is worth at each pixel, usually the gradient's magnitude, perhaps weighted.
 *  @param low where an edge may go on, @param high where it may begin, in the units of `strength`.
 *  @returns a mask `[height, width]` of 0 and 1. */
export function cannyEdges(
  gradient: GradientField,
  strength: Float32Array,
  low: number,
  high: number,
): Uint8Array {
  const { width, height } = gradient.magnitude;
  const thin = suppressNonMaxima(gradient, strength);
  const mask = new Uint8Array(width * height);
  const stack: number[] = [];
  for (let i = 0; i < thin.length; i++) {
    if ((thin[i] ?? 0) < high || mask[i] === 1) continue;
    mask[i] = 1;
    stack.push(i);
    while (stack.length > 0) growFrom(stack.pop() ?? 0, thin, low, mask, stack, width, height);
  }
  return mask;
}

/** The value that a share of all values lies below, estimated on up to about 8,000 of them: thresholds that follow
 *  each picture's own contrast. @param share 0 to 1. */
export function quantile(values: Float32Array, share: number): number {
  // An odd step, so that the sample does not run down one column of the picture.
  const step = Math.max(1, Math.floor(values.length / 8000) | 1);
  const sorted = Float32Array.from(
    { length: Math.ceil(values.length / step) },
    (_, i) => values[i * step] ?? 0,
  ).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.floor(share * sorted.length)))] ?? 0;
}

function suppressNonMaxima({ magnitude, nx, ny }: GradientField, strength: Float32Array): Float32Array {
  const { width, height } = magnitude;
  const thin = new Float32Array(width * height);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const here = strength[i] ?? 0;
      const ahead = sample(strength, width, x + (nx[i] ?? 0), y + (ny[i] ?? 0));
      const behind = sample(strength, width, x - (nx[i] ?? 0), y - (ny[i] ?? 0));
      // ≥ on one side only, so a plateau two pixels wide keeps one of them.
      if (here >= ahead && here > behind) thin[i] = here;
    }
  }
  return thin;
}

function sample(values: Float32Array, width: number, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const i = y0 * width + x0;
  const top = (values[i] ?? 0) * (1 - fx) + (values[i + 1] ?? 0) * fx;
  const bottom = (values[i + width] ?? 0) * (1 - fx) + (values[i + width + 1] ?? 0) * fx;
  return top * (1 - fy) + bottom * fy;
}

function growFrom(
  i: number,
  thin: Float32Array,
  low: number,
  mask: Uint8Array,
  stack: number[],
  width: number,
  height: number,
): void {
  const x = i % width;
  const y = (i - x) / width;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const nx = x + dx;
      const ny = y + dy;
      if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
      const j = ny * width + nx;
      if (mask[j] === 0 && (thin[j] ?? 0) >= low && (thin[j] ?? 0) > 0) {
        mask[j] = 1;
        stack.push(j);
      }
    }
  }
}
