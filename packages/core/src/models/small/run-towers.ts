import { l2Normalise } from '../../nn/l2-normalise.js';
import { bindParameters, type ParameterMap, within } from '../../nn/parameters.js';
import { multiplyDims, symbol } from '../../onnx/dims.js';
import { createGraph, input, output } from '../../onnx/graph.js';
import { createSession, type Session, type SessionOptions } from '../../runtime/session.js';
import type { SmallConfig } from './config.js';
import { imageTower } from './image-tower.js';
import { textTower } from './text-tower.js';

/** The image tower for inference: `pixels` uint8 `[batch, size, size, 3]` → `embedding` (unit) and `pooled`. */
export function createImageSession(
  weights: ParameterMap,
  config: SmallConfig,
  prefix: string,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = createGraph(`small-${prefix}`);
  const { size } = config.image;
  const pixels = input(graph, 'pixels', [symbol('batch'), size, size, 3], 'uint8');
  const { source } = bindParameters(graph, weights);
  const { embedding, pooled } = imageTower(within(source, prefix), pixels, config);
  output(graph, 'embedding', l2Normalise(embedding));
  output(graph, 'pooled', pooled);
  return createSession(graph, options);
}

/** The text tower for inference: `ids` `[batch·tokens]`, `ends` `[batch]` → `embedding` (unit). */
export function createTextSession(
  weights: ParameterMap,
  config: SmallConfig,
  tokens = config.text.context,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = createGraph('small-text');
  const batch = symbol('batch');
  const ids = input(graph, 'ids', [multiplyDims(batch, tokens)], 'int64');
  const ends = input(graph, 'ends', [batch], 'int64');
  const { source } = bindParameters(graph, weights);
  const embedding = textTower(within(source, 'text'), ids, ends, config, batch, tokens);
  output(graph, 'embedding', l2Normalise(embedding));
  return createSession(graph, options);
}
