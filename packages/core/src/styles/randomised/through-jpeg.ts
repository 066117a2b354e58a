import type { RgbImage } from '../../image/rgb-image.js';

// The example luminance and chrominance tables of ITU-T T.81, annex K, row by row.
const LUMA_STEPS = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMA_STEPS = [
  17,
  18,
  24,
  47,
  99,
  99,
  99,
  99,
  18,
  21,
  26,
  66,
  99,
  99,
  99,
  99,
  24,
  26,
  56,
  99,
  99,
  99,
  99,
  99,
  47,
  66,
  99,
  99,
  99,
  99,
  99,
  99,
  ...Array.from({ length: 32 }, () => 99),
];

/** What a JPEG of that quality makes of a picture, without writing one: 8 × 8 cosine blocks, the steps of annex K of
 *  ITU-T T.81 scaled as the Independent JPEG Group scales them, colours at half resolution.
 *  @param quality 1 to 100. */
export function throughJpeg({ width, height, data }: RgbImage, quality: number): RgbImage {
  const scale = quality < 50 ? 50 / quality : 2 - quality / 50;
  const y = new Float32Array(width * height);
  const cb = new Float32Array(width * height);
  const cr = new Float32Array(width * height);
  for (let i = 0, p = 0; i < y.length; i++, p += 3) {
    const [r, g, b] = [data[p] as number, data[p + 1] as number, data[p + 2] as number];
    y[i] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
    cb[i] = -0.168736 * r - 0.331264 * g + 0.5 * b;
    cr[i] = 0.5 * r - 0.418688 * g - 0.081312 * b;
  }
  quantise(y, width, height, steps(LUMA_STEPS, scale));
  const halved = [cb, cr].map((plane) => {
    const small = half(plane, width, height);
    quantise(small.data, small.width, small.height, steps(CHROMA_STEPS, scale));
    return small;
  });
  const out = new Uint8ClampedArray(data.length);
  const across = (width + 1) >> 1;
  for (let i = 0, p = 0; i < y.length; i++, p += 3) {
    const x = i % width;
    const at = (((i - x) / width) >> 1) * across + (x >> 1);
    const [l, u, v] = [(y[i] as number) + 128, halved[0]?.data[at] ?? 0, halved[1]?.data[at] ?? 0];
    out[p] = l + 1.402 * v;
    out[p + 1] = l - 0.344136 * u - 0.714136 * v;
    out[p + 2] = l + 1.772 * u;
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}

const steps = (table: readonly number[], scale: number): Float32Array =>
  Float32Array.from(table, (step) => Math.min(255, Math.max(1, Math.round(step * scale))));

function half(plane: Float32Array, width: number, height: number) {
  const across = (width + 1) >> 1;
  const down = (height + 1) >> 1;
  const data = new Float32Array(across * down);
  for (let y = 0; y < down; y++) {
    const top = 2 * y * width;
    const low = Math.min(height - 1, 2 * y + 1) * width;
    for (let x = 0; x < across; x++) {
      const right = Math.min(width - 1, 2 * x + 1);
      const sum = (plane[top + 2 * x] as number) + (plane[top + right] as number);
      data[y * across + x] = (sum + (plane[low + 2 * x] as number) + (plane[low + right] as number)) / 4;
    }
  }
  return { width: across, height: down, data };
}

// Orthonormal DCT-II of eight: C_uk = c_u/2 · cos((2k + 1)uπ/16).
const BASIS = Float32Array.from({ length: 64 }, (_, i) => {
  const [u, k] = [i >> 3, i & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * k + 1) * u * Math.PI) / 16);
});

/** Rounds the cosine coefficients of each block to whole steps, in place; blocks over the edge repeat it. */
function quantise(plane: Float32Array, width: number, height: number, table: Float32Array): void {
  const block = new Float32Array(64);
  const turned = new Float32Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let y = 0; y < 8; y++) {
        const row = Math.min(height - 1, top + y) * width;
        for (let x = 0; x < 8; x++) block[y * 8 + x] = plane[row + Math.min(width - 1, left + x)] as number;
      }
      // C·B·Cᵀ by two passes that each transform the rows and turn the block over.
      forwardRows(block, turned);
      forwardRows(turned, block);
      for (let k = 0; k < 64; k++) {
        // After two turns the place is [v][u] again.
        const step = table[k] as number;
        block[k] = Math.round((block[k] as number) / step) * step;
      }
      backwardRows(block, turned);
      backwardRows(turned, block);
      const bottom = Math.min(8, height - top);
      const right = Math.min(8, width - left);
      for (let y = 0; y < bottom; y++) {
        for (let x = 0; x < right; x++) plane[(top + y) * width + left + x] = block[y * 8 + x] as number;
      }
    }
  }
}

function forwardRows(from: Float32Array, to: Float32Array): void {
  for (let y = 0; y < 8; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += (BASIS[u * 8 + k] as number) * (from[y * 8 + k] as number);
      to[u * 8 + y] = sum;
    }
  }
}

function backwardRows(from: Float32Array, to: Float32Array): void {
  for (let y = 0; y < 8; y++) {
    for (let k = 0; k < 8; k++) {
      let sum = 0;
      for (let u = 0; u < 8; u++) sum += (BASIS[u * 8 + k] as number) * (from[y * 8 + u] as number);
      to[k * 8 + y] = sum;
    }
  }
}
