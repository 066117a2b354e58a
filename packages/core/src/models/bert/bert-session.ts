import { l2Normalise } from '../../nn/l2-normalise.js';
import { bindParameters, type ParameterMap, within } from '../../nn/parameters.js';
import { symbol } from '../../onnx/dims.js';
import { createGraph, input, output } from '../../onnx/graph.js';
import { createSession, type Session, type SessionOptions } from '../../runtime/session.js';
import { type BertConfig, bertTower } from './bert-tower.js';

/** A BERT text tower for inference: `bertFeeds` → `raw` `[batch, projection]` and `embedding`, the same at unit
 *  length. Weights below `text`. */
export function createBertSession(
  weights: ParameterMap,
  config: BertConfig,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = createGraph('bert-text');
  const batch = symbol('batch');
  const ids = input(graph, 'ids', [batch, config.context], 'int64');
  const mask = input(graph, 'mask', [batch, config.context]);
  const { source } = bindParameters(graph, weights);
  const raw = bertTower(within(source, 'text'), ids, mask, config);
  output(graph, 'raw', raw);
  output(graph, 'embedding', l2Normalise(raw));
  return createSession(graph, options);
}
