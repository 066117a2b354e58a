import { type Preprocessing, preprocessBatch } from '../image/preprocess.js';
import type { RgbImage } from '../image/rgb-image.js';
import { createBatcher } from '../runtime/micro-batcher.js';
import { float32, type HostTensor, type Session } from '../runtime/session.js';
import { bucketSize } from '../runtime/shape-buckets.js';
import type { EmbeddingModel } from './embedding-model.js';

/** The two towers of a model, ready to run. */
export interface DualEncoderParts {
  readonly name: string;
  /** Content hash of weights, shape and preprocessing. */
  readonly hash: string;
  readonly dimensions: number;
  /** `pixels` `[batch, 3, size, size]` → `embedding`, unit rows. */
  readonly image: Session;
  readonly preprocessing: Preprocessing;
  /** Inputs from {@link DualEncoderParts.textFeeds} → `embedding`, unit rows. */
  readonly text: Session;
  readonly textFeeds: (texts: readonly string[]) => Record<string, HostTensor>;
}

/** A ViT-B/32 at 224 pixels gains nothing past 16 pictures a run on a CPU, and its activations stay under 200 MB. */
const MAX_IMAGES = 16;
const MAX_TEXTS = 32;

/** Long enough for calls of one request to meet, short against a forward pass. */
const MAX_WAIT_MS = 2;

/** A plain dual encoder as an {@link EmbeddingModel}: query pictures go through the same tower as the gallery,
 *  with no style path. Calls at the same time share a run. */
export function createDualEncoder(parts: DualEncoderParts): EmbeddingModel {
  const images = createBatcher<RgbImage, Float32Array>({
    maxBatch: MAX_IMAGES,
    maxWaitMs: MAX_WAIT_MS,
    run: async (batch) => {
      const { size } = parts.preprocessing;
      const pixels = await preprocessBatch(fill(batch, MAX_IMAGES), parts.preprocessing);
      const rows = pixels.length / (3 * size * size);
      return firstRows(
        await parts.image.run({ pixels: float32(pixels, [rows, 3, size, size]) }),
        batch.length,
      );
    },
  });
  const texts = createBatcher<string, Float32Array>({
    maxBatch: MAX_TEXTS,
    maxWaitMs: MAX_WAIT_MS,
    run: async (batch) =>
      firstRows(await parts.text.run(parts.textFeeds(fill(batch, MAX_TEXTS))), batch.length),
  });
  return {
    name: parts.name,
    spaceHash: parts.hash,
    queryHash: parts.hash,
    dimensions: parts.dimensions,
    provider: parts.image.provider,
    calibration: {},
    encodeImages: (batch) => images.submitAll(batch),
    encodeTexts: (batch) => texts.submitAll(batch),
    encodeQueries: async (batch) =>
      (await images.submitAll(batch)).map((vector) => ({ vector, style: null })),
    close: async () => {
      await Promise.all([images.close(), texts.close()]);
      await Promise.all([parts.image.close(), parts.text.close()]);
    },
  };
}

/** The batch, its first item repeated up to the next batch size that the runtime keeps buffers for. */
function fill<T>(batch: readonly T[], most: number): T[] {
  const rows = bucketSize(batch.length, most);
  return Array.from({ length: rows }, (_, i) => batch[i < batch.length ? i : 0]).filter(
    (item) => item !== undefined,
  );
}

function firstRows(outputs: Record<string, HostTensor>, count: number): Float32Array[] {
  const { data, shape } = outputs.embedding ?? float32(new Float32Array(0), [0, 0]);
  const width = shape[1] ?? 0;
  // Copies: a view would keep the whole batch alive as long as one vector is.
  return Array.from({ length: count }, (_, row) =>
    (data as Float32Array).slice(row * width, (row + 1) * width),
  );
}
