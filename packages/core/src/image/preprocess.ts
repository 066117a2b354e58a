import { resizeImage } from './image-codec.js';
import { ImageArgumentError } from './image-errors.js';
import { pilResize } from './pil-resize.js';
import type { RgbImage } from './rgb-image.js';

/** How pixels become a model's input, in the terms of Hugging Face's `preprocessor_config.json`. */
export interface Preprocessing {
  /** Edge of the square input in pixels. */
  readonly size: number;
  /** `shortest-edge` keeps the proportions (CLIP), `squash` does not (BLIP, ALBEF). */
  readonly resize: 'shortest-edge' | 'squash';
  readonly kernel: 'bicubic' | 'bilinear';
  readonly crop: 'center' | 'none';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Factor on the 0–255 pixel before the mean is taken off; 1/255 for CLIP. */
  readonly rescale: number;
}

/** OpenAI CLIP's own preprocessing at 224 pixels. */
export const CLIP_PREPROCESSING: Preprocessing = {
  size: 224,
  resize: 'shortest-edge',
  kernel: 'bicubic',
  crop: 'center',
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
  rescale: 1 / 255,
};

/** A picture as a model's input: `[3, size, size]`, float32, `(pixel · rescale − mean) / std`.
 *  Follows Hugging Face's CLIPImageProcessor (the PIL one): resize, centre crop, rescale, normalise. */
export async function preprocess(image: RgbImage, spec: Preprocessing): Promise<Float32Array> {
  const out = new Float32Array(3 * spec.size * spec.size);
  await preprocessInto(image, spec, out, 0);
  return out;
}

/** `preprocess`, written into a batch at `offset` floats (row n of a batch: `n · 3 · size²`).
 *  @throws {ImageArgumentError} if the batch has no room there. */
export async function preprocessInto(
  image: RgbImage,
  spec: Preprocessing,
  out: Float32Array,
  offset: number,
): Promise<void> {
  const needed = 3 * spec.size * spec.size;
  if (offset < 0 || offset + needed > out.length) {
    throw new ImageArgumentError(
      `preprocess: expected room for ${needed} floats at offset ${offset}, the array has ${out.length}`,
    );
  }
  normalise(await fitToSquare(image, spec), spec, out, offset);
}

/** A batch `[n, 3, size, size]`, float32. */
export async function preprocessBatch(
  images: readonly RgbImage[],
  spec: Preprocessing,
): Promise<Float32Array> {
  const stride = 3 * spec.size * spec.size;
  const out = new Float32Array(images.length * stride);
  await Promise.all(images.map((image, i) => preprocessInto(image, spec, out, i * stride)));
  return out;
}

/** The resize and crop of `preprocess` alone: a `size × size` picture. */
export async function fitToSquare(image: RgbImage, spec: Preprocessing): Promise<RgbImage> {
  const { size } = spec;
  if (spec.resize === 'squash' || spec.crop === 'none') return resizeLikePil(image, size, size, spec.kernel);
  const short = Math.min(image.width, image.height);
  // The reference truncates: int(size · long / short).
  const width = Math.trunc((size * image.width) / short);
  const height = Math.trunc((size * image.height) / short);
  return cropCentre(await resizeLikePil(image, width, height, spec.kernel), size);
}

// Shrinking, sharp agrees with Pillow to well under 1/255 and works off the main thread. Enlarging, it puts its
// samples half a pixel elsewhere (2.4/255 on photos), so small pictures take our own resize; they cost little.
async function resizeLikePil(
  image: RgbImage,
  width: number,
  height: number,
  kernel: Preprocessing['kernel'],
): Promise<RgbImage> {
  const enlarges = width > image.width || height > image.height;
  return enlarges ? pilResize(image, width, height, kernel) : resizeImage(image, width, height, kernel);
}

function cropCentre(image: RgbImage, size: number): RgbImage {
  if (image.width === size && image.height === size) return image;
  const left = Math.floor((image.width - size) / 2);
  const top = Math.floor((image.height - size) / 2);
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + size * 3), y * size * 3);
  }
  return { width: size, height: size, data };
}

function normalise(image: RgbImage, spec: Preprocessing, out: Float32Array, offset: number): void {
  const plane = spec.size * spec.size;
  for (let c = 0; c < 3; c++) {
    // (p·rescale − mean) / std = p·scale + bias
    const std = spec.std[c] ?? 1;
    const scale = spec.rescale / std;
    const bias = -(spec.mean[c] ?? 0) / std;
    const base = offset + c * plane;
    for (let i = 0; i < plane; i++) out[base + i] = (image.data[i * 3 + c] ?? 0) * scale + bias;
  }
}
