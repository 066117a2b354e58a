import { ImageArgumentError } from './image-errors.js';
import type { RgbImage } from './rgb-image.js';

/** Side of the small grey picture that the transform sees. */
const SIDE = 32;
/** Side of the square of low frequencies that are kept: 8 × 8 = 64 bits. */
const KEPT = 8;
/** Pixels looked at in each direction of a cell, so that a huge picture costs no more than one of 512 pixels. */
const SAMPLES = 16;
// Far below one grey level: what is left of a flat picture is the rounding of sums, which must not decide a bit.
const FLAT = 1e-6;

/** Perceptual hash of a picture after Zauner 2010 (pHash): the mean luma of 32 × 32 cells, its cosine transform, and
 *  for each of the frequencies 1 to 8 in both directions whether it is above the median of them all.
 *  The same picture in another size or quality differs in few of the 64 bits, another one in about half of them;
 *  pictures without any structure all have the hash 0.
 *  @returns a signed 64-bit integer, as databases store it; the horizontal frequency runs fastest, from the lowest bit.
 *  @throws {ImageArgumentError} for a picture without pixels. */
export function perceptualHash(image: RgbImage): bigint {
  if (image.width < 1 || image.height < 1) {
    throw new ImageArgumentError(`expected a picture with pixels, got ${image.width}×${image.height}`);
  }
  const frequencies = lowFrequencies(smallLuma(image));
  const median = medianOf(frequencies);
  let bits = 0n;
  frequencies.forEach((value, i) => {
    if (value - median > FLAT) bits |= 1n << BigInt(i);
  });
  return BigInt.asIntN(64, bits);
}

/** Bits in which two hashes differ, 0 to 64. */
export function hashDistance(a: bigint, b: bigint): number {
  let different = BigInt.asUintN(64, a ^ b);
  let count = 0;
  while (different !== 0n) {
    different &= different - 1n;
    count += 1;
  }
  return count;
}

function smallLuma(image: RgbImage): Float64Array {
  const columns = samplePoints(image.width);
  const rows = samplePoints(image.height);
  const luma = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      luma[y * SIDE + x] = meanLuma(image, columns[x] ?? [], rows[y] ?? []);
    }
  }
  return luma;
}

/** Of each cell along one side, the pixels that are looked at: evenly spread, and at least one. */
function samplePoints(length: number): number[][] {
  return Array.from({ length: SIDE }, (_, cell) => {
    const from = (cell * length) / SIDE;
    const width = length / SIDE;
    const count = Math.max(1, Math.min(SAMPLES, Math.floor(width)));
    return Array.from({ length: count }, (_one, i) =>
      Math.min(length - 1, Math.floor(from + ((i + 0.5) * width) / count)),
    );
  });
}

function meanLuma({ width, data }: RgbImage, columns: readonly number[], rows: readonly number[]): number {
  let sum = 0;
  for (const y of rows) {
    for (const x of columns) {
      const at = (y * width + x) * 3;
      // Rec. 601, as JPEG has it.
      sum += 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
    }
  }
  return sum / (rows.length * columns.length);
}

// DCT-II without its scale, which a comparison with the median does not see: X_k = Σ_n x_n · cos(π/N · (n + ½) · k)
const COSINES = Float64Array.from({ length: KEPT * SIDE }, (_, i) =>
  Math.cos((Math.PI / SIDE) * ((i % SIDE) + 0.5) * (Math.floor(i / SIDE) + 1)),
);

function lowFrequencies(luma: Float64Array): Float64Array {
  const across = new Float64Array(SIDE * KEPT);
  for (let y = 0; y < SIDE; y++) {
    for (let u = 0; u < KEPT; u++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += (luma[y * SIDE + x] ?? 0) * (COSINES[u * SIDE + x] ?? 0);
      across[y * KEPT + u] = sum;
    }
  }
  const out = new Float64Array(KEPT * KEPT);
  for (let v = 0; v < KEPT; v++) {
    for (let u = 0; u < KEPT; u++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += (across[y * KEPT + u] ?? 0) * (COSINES[v * SIDE + y] ?? 0);
      out[v * KEPT + u] = sum;
    }
  }
  return out;
}

function medianOf(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length / 2;
  return ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
