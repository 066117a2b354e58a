import type { SmallConfig } from '../../../models/small/config.js';
import { createImageSession, createTextSession } from '../../../models/small/run-towers.js';
import type { ParameterMap } from '../../../nn/parameters.js';
import type { Random } from '../../../random.js';
import { hostTensor, type SessionOptions } from '../../../runtime/session.js';
import { packTexts } from './captioned-pictures.js';
import { TRAINING_TOKENS } from './text-stage.js';
import type { ViewStore } from './view-store.js';

/** Unit vectors of every caption by the text tower: for each picture `[captions, embedding]`, null where it has none. */
export async function encodeCaptions(
  weights: ParameterMap,
  config: SmallConfig,
  captions: readonly (readonly Int32Array[])[],
  endId: number,
  random: Random,
  options: SessionOptions,
): Promise<(Float32Array | null)[]> {
  const session = await createTextSession(weights, config, TRAINING_TOKENS, options);
  try {
    const vectors: (Float32Array | null)[] = [];
    for (const rows of captions) {
      if (rows.length === 0) {
        vectors.push(null);
        continue;
      }
      const texts = packTexts(rows, TRAINING_TOKENS, endId, 0, random);
      const { embedding } = await session.run({
        ids: hostTensor('int64', texts.ids, [texts.ids.length]),
        ends: hostTensor('int64', texts.ends, [rows.length]),
      });
      vectors.push(Float32Array.from((embedding?.data as Float32Array | undefined) ?? []));
    }
    return vectors;
  } finally {
    await session.close();
  }
}

/** On two cores a larger run is no quicker per picture. */
const BATCH = 32;

/** The image tower's pooled features of some views: `[indices, width]`. */
export async function poolViews(
  weights: ParameterMap,
  config: SmallConfig,
  views: ViewStore,
  indices: readonly number[],
  options: SessionOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<Float32Array> {
  const { width, size } = config.image;
  const session = await createImageSession(weights, config, 'image', options);
  const features = new Float32Array(indices.length * width);
  try {
    for (let start = 0; start < indices.length; start += BATCH) {
      const part = indices.slice(start, start + BATCH);
      const pixels = await views.pixels(part);
      const { pooled } = await session.run({
        pixels: hostTensor('uint8', pixels, [part.length, size, size, 3]),
      });
      features.set((pooled?.data as Float32Array | undefined) ?? [], start * width);
      onProgress?.(start + part.length, indices.length);
    }
    return features;
  } finally {
    await session.close();
  }
}
