import type { EmbeddingModel, RgbImage } from '@freestyle/core';
import { vectorText } from '../../../platform/database/vector-text.js';
import type { CommittedPhoto, ItemRejection } from '../commit/item-batch.js';
import type { PreparedBatch } from '../read/prepared-batch.js';

/** Encodes a batch. A picture that makes the encoder fail is told from the others by encoding one at a time. */
export async function encodeBatch(
  batch: PreparedBatch,
  model: EmbeddingModel,
): Promise<{ photos: CommittedPhoto[]; rejections: ItemRejection[] }> {
  const rejections = [...batch.rejections];
  const photos: CommittedPhoto[] = [];
  const vectors = await encodeEach(
    batch.photos.flatMap(({ image }) => (image === null ? [] : [image])),
    model,
  );
  for (const { image, ...photo } of batch.photos) {
    const encoded = image === null ? null : vectors.shift();
    if (encoded instanceof Error) {
      const reason = `the encoder failed: ${encoded.message}`;
      rejections.push({ ordinal: photo.ordinal, state: 'FAILED', code: 'ENCODER_FAILED', reason });
    } else {
      photos.push({ ...photo, vector: encoded ? vectorText(encoded) : photo.vector });
    }
  }
  return { photos, rejections };
}

/** A vector for each picture, or the error that it caused. */
export async function encodeEach(
  images: readonly RgbImage[],
  model: EmbeddingModel,
): Promise<(Float32Array | Error)[]> {
  if (images.length === 0) return [];
  try {
    return (await model.encodeImages(images)).map((vector) => checked(vector, model));
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (images.length === 1) return [failure];
    const single: (Float32Array | Error)[] = [];
    for (const image of images) single.push(...(await encodeEach([image], model)));
    return single;
  }
}

function checked(vector: Float32Array, { dimensions }: EmbeddingModel): Float32Array | Error {
  if (vector.length !== dimensions)
    return new Error(`it gave ${vector.length} values instead of ${dimensions}`);
  return vector.every(Number.isFinite) ? vector : new Error('it gave values that are not finite');
}
