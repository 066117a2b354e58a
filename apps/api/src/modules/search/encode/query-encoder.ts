import type { EmbeddingModel, RgbImage } from '@freestyle/core';
import type { PartStyle } from '../parse/style.js';
import { batchCalls } from './batch-calls.js';
import type { QueryEncoder } from './encode-parts.js';

/** Enough for every alias of a document, little enough for the memory of a small machine. */
const MOST_TEXTS = 64;
const MOST_PICTURES = 16;

/** The encoder of a model whose calls are joined: texts with texts, pictures with those of the same style. */
export function createQueryEncoder(
  model: EmbeddingModel,
  photo: (imageId: string) => Promise<Float32Array | null>,
): QueryEncoder {
  const pictures = new Map<string, ReturnType<typeof pictureCalls>>();
  const pictureCalls = (style: PartStyle) =>
    batchCalls(
      (images: readonly RgbImage[]) =>
        model.encodeQueries(images, style.kind === 'auto' ? undefined : style.name),
      MOST_PICTURES,
    );
  const callsOf = (style: PartStyle) => {
    const name = style.kind === 'auto' ? '' : style.name;
    const calls = pictures.get(name) ?? pictureCalls(style);
    pictures.set(name, calls);
    return calls;
  };
  return {
    model,
    texts: batchCalls((texts: readonly string[]) => model.encodeTexts(texts), MOST_TEXTS),
    pictures: (images, style) => callsOf(style)(images),
    photo,
  };
}
