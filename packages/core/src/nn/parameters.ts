import { ShapeError } from '../onnx/errors.js';
import { type Graph, initializer, input, type Tensor } from '../onnx/graph.js';
import type { Random } from '../random.js';

/** A named weight in main memory, float32, row-major. */
export interface Parameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type ParameterMap = ReadonlyMap<string, Parameter>;

/** Hands out weights by name while a graph is built. */
export type ParameterSource = (name: string, shape: readonly number[]) => Tensor;

/** The same source, with every name below a prefix. */
export const within =
  (parameters: ParameterSource, prefix: string): ParameterSource =>
  (name, shape) =>
    parameters(`${prefix}.${name}`, shape);

/** How a fresh weight starts: normal with a deviation, zeros or ones. */
export type Initialisation = number | 'zeros' | 'ones';

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly init: Initialisation;
}

/** Fresh weights for a list of specifications. Each weight has its own stream: adding one changes no other. */
export function initialise(
  specs: Readonly<Record<string, ParameterSpec>>,
  random: Random,
): Map<string, Parameter> {
  return new Map(
    Object.entries(specs).map(([name, { shape, init }]) => {
      const data = new Float32Array(shape.reduce((size, dim) => size * dim, 1));
      if (init === 'ones') data.fill(1);
      else if (init !== 'zeros') {
        const stream = random.fork(name);
        for (let index = 0; index < data.length; index++) data[index] = init * stream.normal();
      }
      return [name, { shape, data }];
    }),
  );
}

/** A source over stored weights: frozen ones become initializers, trainable ones inputs of the graph.
 *  A weight asked for twice is the same tensor. @throws {ShapeError} for an absent or misshapen weight. */
export function bindParameters(
  graph: Graph,
  weights: ParameterMap,
  trainable: (name: string) => boolean = () => false,
): { readonly source: ParameterSource; readonly bound: ReadonlyMap<string, Tensor> } {
  const bound = new Map<string, Tensor>();
  const trained = new Map<string, Tensor>();
  const source: ParameterSource = (name, shape) => {
    const known = bound.get(name);
    if (known) return known;
    const weight = weights.get(name);
    if (!weight) throw new ShapeError(`graph "${graph.name}": the weight "${name}" is missing`, { name });
    if (weight.shape.join() !== shape.join()) {
      throw new ShapeError(
        `graph "${graph.name}": the weight "${name}" is [${weight.shape.join(', ')}], expected [${shape.join(', ')}]`,
        { name, expected: shape, got: weight.shape },
      );
    }
    const free = trainable(name);
    const tensor = free ? input(graph, name, shape) : initializer(graph, name, shape, weight.data, 'float32');
    bound.set(name, tensor);
    if (free) trained.set(name, tensor);
    return tensor;
  };
  return { source, bound: trained };
}
