import type { RgbImage } from '../image/rgb-image.js';
import { pixelBatch } from '../models/pixel-batch.js';
import { l2Normalise } from '../nn/l2-normalise.js';
import { bindParameters, type ParameterMap, within } from '../nn/parameters.js';
import { symbol } from '../onnx/dims.js';
import { createGraph, input, output } from '../onnx/graph.js';
import { createSession, type SessionOptions } from '../runtime/session.js';
import { styleFeatures, styleNetwork } from './style-network.js';

/** A style network that runs. */
export interface StyleSession {
  /** @param pictures squares of the network's size. @returns unit Gram features, `[64]` each, in order. */
  features(pictures: readonly RgbImage[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Opens a style network. @param weights `style.network.*`. @param size edge of the pictures that it reads. */
export async function createStyleSession(
  weights: ParameterMap,
  size: number,
  options: SessionOptions = {},
): Promise<StyleSession> {
  const graph = createGraph('style-network');
  const pixels = input(graph, 'pixels', [symbol('batch'), size, size, 3], 'uint8');
  const { source } = bindParameters(graph, weights);
  output(graph, 'features', l2Normalise(styleFeatures(within(source, 'style.network'), pixels)));
  const session = await createSession(graph, options);
  const { width } = styleNetwork;
  return {
    async features(pictures) {
      const data = (await session.run({ pixels: pixelBatch(pictures, size) })).features?.data;
      if (!(data instanceof Float32Array)) throw new TypeError('the style network gave no features');
      return pictures.map((_, row) => data.slice(row * width, (row + 1) * width));
    },
    close: () => session.close(),
  };
}
