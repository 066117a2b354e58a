import type { TunableTextTower } from '../models/tunable-tower.js';
import { l2Normalise } from '../nn/l2-normalise.js';
import { initialise, type Parameter, type ParameterSource, within } from '../nn/parameters.js';
import type { Dim } from '../onnx/dims.js';
import type { Graph, Tensor } from '../onnx/graph.js';
import type { Random } from '../random.js';
import { promptSpecs, promptsOf } from './style-prompts.js';
import type { Tuning } from './tuning.js';

/** A text has no picture whose style could drive its prompts. */
const staticTuning = (tuning: Tuning): Tuning => ({
  ...tuning,
  method: 'vpt',
  deepPrompts: true,
  gated: false,
});

/** The text side of a query tower: the frozen text tower (`text.*`) with static prompts in every layer (`query.text.*`)
 *  where the tuning has some. Declares the tower's own inputs. @returns `[batch, embedding]`, unit rows. */
export function queryTextTower(
  graph: Graph,
  parameters: ParameterSource,
  tower: TunableTextTower,
  tuning: Tuning | null,
  batch: Dim,
): Tensor {
  const learned = within(parameters, 'query.text');
  const hooks = tuning?.textPrompts
    ? {
        prompts: (layer: number, x: Tensor) =>
          promptsOf(learned, staticTuning(tuning), layer, tower.width, null, x, batch),
      }
    : {};
  return l2Normalise(tower.build(graph, within(parameters, 'text'), batch, hooks));
}

/** Fresh `query.text.*` weights. */
export function initialiseTextPrompts(
  tower: TunableTextTower,
  tuning: Tuning,
  random: Random,
): Map<string, Parameter> {
  const specs = promptSpecs(staticTuning(tuning), tower.layers, tower.width, 0);
  return new Map(
    [...initialise(specs, random)].map(([name, parameter]) => [`query.text.${name}`, parameter]),
  );
}
