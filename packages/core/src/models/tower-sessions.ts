import { queryTextTower } from '../freestyle/text-prompts.js';
import type { Tuning } from '../freestyle/tuning.js';
import { l2Normalise } from '../nn/l2-normalise.js';
import { bindParameters, type ParameterMap, within } from '../nn/parameters.js';
import { symbol } from '../onnx/dims.js';
import { createGraph, input, output } from '../onnx/graph.js';
import { createSession, type Session, type SessionOptions } from '../runtime/session.js';
import type { TunableImageTower, TunableTextTower } from './tunable-tower.js';

/** The frozen image tower for inference: `pixels` uint8 `[batch, size, size, 3]` → `embedding`, unit rows. */
export function createTowerSession(
  weights: ParameterMap,
  tower: TunableImageTower,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = createGraph('image');
  const pixels = input(graph, 'pixels', [symbol('batch'), tower.size, tower.size, 3], 'uint8');
  const { source } = bindParameters(graph, weights);
  output(graph, 'embedding', l2Normalise(tower.build(within(source, 'image'), pixels, {})));
  return createSession(graph, options);
}

/** The text tower for inference: its `feeds` → `embedding`, unit rows.
 *  @param tuning of a query tower, whose prompts (`query.text.*`) are used where it has some. */
export function createTextSession(
  weights: ParameterMap,
  tower: TunableTextTower,
  tuning: Tuning | null,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = createGraph('text');
  const { source } = bindParameters(graph, weights);
  output(graph, 'embedding', queryTextTower(graph, source, tower, tuning, symbol('batch')));
  return createSession(graph, options);
}
