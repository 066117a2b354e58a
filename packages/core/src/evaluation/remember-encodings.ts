import type { RgbImage } from '../image/rgb-image.js';
import type { EmbeddingModel } from '../models/embedding-model.js';
import type { EvaluationSet } from './evaluation-set.js';

/** Vectors of one embedding space, kept from one model to the next: query towers share the gallery side. */
export interface EncodingMemory {
  readonly spaceHash: string;
  readonly texts: Map<string, Float32Array>;
  /** By the picture's object: it must come from a set whose pictures are kept, see `keepPictures`. */
  readonly images: WeakMap<RgbImage, Float32Array>;
}

export const createEncodingMemory = (spaceHash: string): EncodingMemory => ({
  spaceHash,
  texts: new Map(),
  images: new WeakMap(),
});

/** The same model, but photos and texts that the memory holds are not encoded again. Queries always are.
 *  @throws {RangeError} when the model's space is not the memory's. */
export function rememberEncodings(model: EmbeddingModel, memory: EncodingMemory): EmbeddingModel {
  if (model.spaceHash !== memory.spaceHash) {
    throw new RangeError(
      `${model.name} encodes into space ${model.spaceHash}, remembered is ${memory.spaceHash}.`,
    );
  }
  return {
    ...model,
    encodeTexts: (texts) => remembered(texts, memory.texts, (missing) => model.encodeTexts(missing)),
    encodeImages: (images) => remembered(images, memory.images, (missing) => model.encodeImages(missing)),
  };
}

async function remembered<Key>(
  keys: readonly Key[],
  memory: { get(key: Key): Float32Array | undefined; set(key: Key, vector: Float32Array): unknown },
  encode: (missing: readonly Key[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const missing = [...new Set(keys.filter((key) => memory.get(key) === undefined))];
  const vectors = missing.length === 0 ? [] : await encode(missing);
  for (const [i, key] of missing.entries()) memory.set(key, vectors[i] ?? new Float32Array());
  return keys.map((key) => memory.get(key) ?? new Float32Array());
}

/** The same set with every picture kept in memory once it was read, as `fit` makes it (small: thousands are kept). */
export function keepPictures(set: EvaluationSet, fit: (image: RgbImage) => Promise<RgbImage>): EvaluationSet {
  const keep = (load: () => Promise<RgbImage>): (() => Promise<RgbImage>) => {
    let kept: Promise<RgbImage> | undefined;
    return () => {
      kept ??= load().then(fit);
      return kept;
    };
  };
  return {
    ...set,
    photos: set.photos.map((photo) => ({ ...photo, load: keep(() => photo.load()) })),
    queries: set.queries.map((query) => {
      const { content } = query;
      return 'load' in content ? { ...query, content: { load: keep(() => content.load()) } } : query;
    }),
  };
}
