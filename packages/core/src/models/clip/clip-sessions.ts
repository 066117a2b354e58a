import { l2Normalise } from '../../nn/l2-normalise.js';
import { bindParameters, type ParameterMap, within } from '../../nn/parameters.js';
import { symbol } from '../../onnx/dims.js';
import { createGraph, input, output } from '../../onnx/graph.js';
import {
  createSession,
  type HostTensor,
  hostTensor,
  int64,
  type Session,
  type SessionOptions,
} from '../../runtime/session.js';
import { type VitConfig, vitTower } from '../vit-tower.js';
import { type ClipTextConfig, clipTextTower, endRows } from './clip-text-tower.js';

/** A vision transformer for inference: `pixels` `[batch, 3, size, size]` → `raw` `[batch, projection]` and
 *  `embedding`, the same at unit length. Weights below `image`. */
export function createVitSession(
  weights: ParameterMap,
  config: VitConfig,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = createGraph('vit-image');
  const { imageSize } = config;
  const pixels = input(graph, 'pixels', [symbol('batch'), 3, imageSize, imageSize]);
  const { source } = bindParameters(graph, weights);
  const raw = vitTower(within(source, 'image'), pixels, config);
  output(graph, 'raw', raw);
  output(graph, 'embedding', l2Normalise(raw));
  return createSession(graph, options);
}

/** CLIP's text tower for inference: {@link clipTextFeeds} → `raw` and `embedding`. Weights below `text`. */
export function createClipTextSession(
  weights: ParameterMap,
  config: ClipTextConfig,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = createGraph('clip-text');
  const batch = symbol('batch');
  const ids = input(graph, 'ids', [batch, config.context], 'int64');
  const ends = input(graph, 'ends', [batch], 'int64');
  const { source } = bindParameters(graph, weights);
  const raw = clipTextTower(within(source, 'text'), ids, ends, config);
  output(graph, 'raw', raw);
  output(graph, 'embedding', l2Normalise(raw));
  return createSession(graph, options);
}

/** Inputs of {@link createClipTextSession} for token ids `[texts, context]`. */
export function clipTextFeeds(ids: Int32Array, config: ClipTextConfig): Record<string, HostTensor> {
  const texts = ids.length / config.context;
  return {
    ids: int64(ids, [texts, config.context]),
    ends: hostTensor('int64', endRows(ids, config.context, config.end), [texts]),
  };
}
