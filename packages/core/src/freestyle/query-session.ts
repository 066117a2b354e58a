import { l2Normalise } from '../nn/l2-normalise.js';
import { bindParameters, type ParameterMap } from '../nn/parameters.js';
import { symbol } from '../onnx/dims.js';
import { createGraph, input, output } from '../onnx/graph.js';
import { matMul, sub } from '../onnx/ops/index.js';
import {
  createSession,
  type HostTensor,
  hostTensor,
  type Session,
  type SessionOptions,
} from '../runtime/session.js';
import { type QueryTowerShape, queryTower } from './query-tower.js';

/** Weight `[K, embedding]`: what is taken off a query of each style cluster; see `chooseCentring`. */
export const CENTRING = 'query.centring';

/** The query tower for inference: `pixels` uint8 `[batch, size, size, 3]` → `embedding` (unit rows), and with a style
 *  space `style` `[batch, K]` (weights over the clusters), `gram` `[batch, 64]` and `nearest` `[batch]`, the cosine to
 *  the nearest centre; it then also takes `imposed` `[batch, K]`: weights to use instead, or a row of zeros. */
export function createQuerySession(
  weights: ParameterMap,
  shape: QueryTowerShape,
  options: SessionOptions = {},
): Promise<Session> {
  const { tower, tuning, clusters } = shape;
  const { size } = tower;
  const graph = createGraph(`query-${tuning.method}`);
  const pixels = input(graph, 'pixels', [symbol('batch'), size, size, 3], 'uint8');
  const { source } = bindParameters(graph, weights);
  const imposed = clusters > 0 ? input(graph, 'imposed', [symbol('batch'), clusters]) : null;
  const { embedding, style } = queryTower(source, pixels, shape, imposed);
  const centred =
    style && weights.has(CENTRING)
      ? l2Normalise(sub(embedding, matMul(style.weights, source(CENTRING, [clusters, tower.embedding]))))
      : embedding;
  output(graph, 'embedding', centred);
  if (style) {
    output(graph, 'style', style.weights);
    output(graph, 'gram', style.gram);
    output(graph, 'nearest', style.nearest);
  }
  return createSession(graph, options);
}

/** What the query tower is fed: the pixels and, where it has a style space, no style imposed. */
export function queryFeeds(pixels: HostTensor, rows: number, clusters: number): Record<string, HostTensor> {
  if (clusters === 0) return { pixels };
  return { pixels, imposed: hostTensor('float32', new Float32Array(rows * clusters), [rows, clusters]) };
}
