import { type Graph, initializer, type Tensor } from '../../onnx/graph.js';
import { mul, reduceSum } from '../../onnx/ops/index.js';
import { evaluate } from '../../onnx/testing/reference-evaluator.js';
import type { Value } from '../../onnx/testing/reference-value.js';
import { createRandom } from '../../random.js';
import { gradient } from '../gradient.js';

/** A sum of all elements with fixed random weights: a scalar in which every element counts differently. */
export function probe(graph: Graph, y: Tensor): Tensor {
  const shape = y.shape as readonly number[];
  const random = createRandom('probe');
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: size }, () => random.normal());
  return reduceSum(mul(y, initializer(graph, `probe_${graph.names.size}`, shape, data, 'float32')));
}

/** Far above the rounding of float64 (1e-10 here), far below a wrong derivative; constants of the graph are
 *  float32 and leave 6e-8. */
const TOLERANCE = 1e-6;
const STEP = 1e-5;

export interface Mismatch {
  readonly where: string;
  readonly rule: number;
  readonly difference: number;
}

export interface CheckOptions {
  /** Elements of each parameter that are moved one by one; all by default. */
  readonly elements?: number;
}

/** Holds the gradient graph of a scalar, evaluated in float64, against central differences of the scalar itself:
 *  element by element, and along one random direction through all parameters together.
 *  @returns the places where they disagree; empty when the rules are right. */
export function gradientMismatches(
  loss: Tensor,
  parameters: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, Value>,
  options: CheckOptions = {},
): Mismatch[] {
  const random = createRandom('gradient check');
  const rules = evaluate(gradient(loss, parameters), feeds);
  const found: Mismatch[] = [];
  const compare = (where: string, rule: number, move: (step: number) => ReadonlyMap<Tensor, Value>) => {
    const at = (step: number) => evaluate([loss], move(step))[0]?.data[0] ?? Number.NaN;
    const difference = (at(STEP) - at(-STEP)) / (2 * STEP);
    const close = Math.abs(rule - difference) <= TOLERANCE * (Math.abs(difference) + 0.1);
    if (!close) found.push({ where, rule, difference });
  };
  for (const [place, parameter] of parameters.entries()) {
    const own = feeds.get(parameter) as Value;
    for (const index of chosen(own.data.length, options.elements, random)) {
      compare(`${parameter.name}[${index}]`, rules[place]?.data[index] ?? Number.NaN, (step) =>
        moved(feeds, new Map([[parameter, (at) => (at === index ? step : 0)]])),
      );
    }
  }
  // Of unit length on average, so that the step is as short as that of a single element.
  const size = rules.reduce((sum, rule) => sum + rule.data.length, 0);
  const directions = rules.map((rule) => rule.data.map(() => random.normal() / Math.sqrt(size)));
  const along = rules.reduce(
    (sum, rule, place) => sum + rule.data.reduce((s, g, at) => s + g * (directions[place]?.[at] ?? 0), 0),
    0,
  );
  compare('a random direction', along, (step) =>
    moved(
      feeds,
      new Map(
        parameters.map((parameter, place) => [parameter, (at) => step * (directions[place]?.[at] ?? 0)]),
      ),
    ),
  );
  return found;
}

function moved(
  feeds: ReadonlyMap<Tensor, Value>,
  moves: ReadonlyMap<Tensor, (index: number) => number>,
): Map<Tensor, Value> {
  return new Map(
    [...feeds].map(([tensor, { shape, data }]) => {
      const move = moves.get(tensor);
      return [tensor, { shape, data: move ? data.map((v, at) => v + move(at)) : data }];
    }),
  );
}

function chosen(
  size: number,
  limit: number | undefined,
  random: { integer(limit: number): number },
): number[] {
  if (limit === undefined || size <= limit) return Array.from({ length: size }, (_, index) => index);
  return Array.from({ length: limit }, () => random.integer(size));
}
