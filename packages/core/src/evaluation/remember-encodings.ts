import type { EmbeddingModel } from '../models/embedding-model.js';
import { type EncodedGallery, encodeGallery } from './encode-set.js';
import { type EvaluateOptions, evaluateModel } from './evaluate-model.js';
import type { EvaluationReport } from './evaluation-report.js';
import type { EvaluationPhoto, EvaluationSet } from './evaluation-set.js';

/** Vectors of one embedding space, kept from one model to the next: query towers share the gallery side. */
export interface EncodingMemory {
  readonly spaceHash: string;
  readonly texts: Map<string, Float32Array>;
  /** By the list of photos. */
  readonly galleries: Map<readonly EvaluationPhoto[], EncodedGallery>;
}

export const createEncodingMemory = (spaceHash: string): EncodingMemory => ({
  spaceHash,
  texts: new Map(),
  galleries: new Map(),
});

/** `evaluateModel`, but galleries and texts that the memory holds are not encoded again. Query pictures always are.
 *  @throws {RangeError} when the model's space is not the memory's. */
export async function evaluateRemembered(
  model: EmbeddingModel,
  set: EvaluationSet,
  memory: EncodingMemory,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  if (model.spaceHash !== memory.spaceHash) {
    throw new RangeError(
      `${model.name} encodes into space ${model.spaceHash}, remembered is ${memory.spaceHash}.`,
    );
  }
  const gallery = memory.galleries.get(set.photos) ?? (await encodeGallery(model, set.photos, options));
  memory.galleries.set(set.photos, gallery);
  const encodeTexts = async (texts: readonly string[]): Promise<Float32Array[]> => {
    const missing = [...new Set(texts.filter((text) => !memory.texts.has(text)))];
    const vectors = missing.length === 0 ? [] : await model.encodeTexts(missing);
    for (const [i, text] of missing.entries()) memory.texts.set(text, vectors[i] ?? new Float32Array());
    return texts.map((text) => memory.texts.get(text) ?? new Float32Array());
  };
  return evaluateModel({ ...model, encodeTexts }, set, { ...options, gallery });
}
