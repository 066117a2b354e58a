import { type Dim, type Shape, shapeText } from '../dims.js';
import { GraphError, ShapeError } from '../errors.js';
import type { Graph, Tensor } from '../graph.js';
import { elementwiseKernels } from './reference-elementwise.js';
import { linearKernels } from './reference-linear.js';
import { reduceKernels } from './reference-reduce.js';
import { shapeKernels } from './reference-shape.js';
import { type Kernel, type Value, value } from './reference-value.js';

/** Every operator that the graph builder can emit. */
export const referenceKernels: Readonly<Record<string, Kernel>> = {
  ...elementwiseKernels,
  ...linearKernels,
  ...reduceKernels,
  ...shapeKernels,
};

/** Values of `targets`, in their order. Slow and plain on purpose: it is what the fast paths are measured against.
 *  Each value is also held against the shape that the builder promised.
 *  @param feeds one value for each input that the targets depend on.
 *  @throws {GraphError} for an absent feed or an operator without a kernel. @throws {ShapeError} for a broken promise. */
export function evaluate(targets: readonly Tensor[], feeds: ReadonlyMap<Tensor, Value>): Value[] {
  const values = new Map<Tensor, Value>(feeds);
  const symbols = new Map<string, number>();
  for (const [tensor, given] of feeds) assertShape(tensor, given, symbols);
  const [first] = targets;
  for (const { tensor, data } of first?.graph.initializers ?? []) {
    values.set(tensor, value(tensor.shape as readonly number[], data as ArrayLike<number>));
  }
  const needed = ancestors(targets);
  for (const node of first?.graph.nodes ?? []) {
    if (!node.outputs.some((tensor) => needed.has(tensor))) continue;
    const kernel = referenceKernels[node.op];
    if (!kernel) throw new GraphError(`reference: no kernel for ${node.op}`);
    const inputs = node.inputs.map((tensor) => lookUp(values, tensor));
    const outputs = kernel(node, inputs as [Value, ...Value[]]);
    for (const [index, tensor] of node.outputs.entries()) {
      const made = outputs[index];
      if (!made) throw new GraphError(`reference: ${node.op} made no output ${index}`);
      assertShape(tensor, made, symbols);
      values.set(tensor, made);
    }
  }
  return targets.map((tensor) => lookUp(values, tensor));
}

/** The named outputs of a whole graph from its named inputs. */
export function evaluateGraph(graph: Graph, feeds: Readonly<Record<string, Value>>): Record<string, Value> {
  const given = new Map<Tensor, Value>();
  for (const tensor of graph.inputs) {
    const fed = feeds[tensor.name];
    if (fed) given.set(tensor, fed);
  }
  const results = evaluate(
    graph.outputs.map(({ tensor }) => tensor),
    given,
  );
  return Object.fromEntries(graph.outputs.map(({ name }, index) => [name, results[index] as Value]));
}

function lookUp(values: ReadonlyMap<Tensor, Value>, tensor: Tensor | null): Value {
  const found = tensor && values.get(tensor);
  if (!found) throw new GraphError(`reference: no value for "${tensor?.name ?? 'an absent input'}"`);
  return found;
}

function ancestors(targets: readonly Tensor[]): Set<Tensor> {
  const seen = new Set<Tensor>();
  const stack = [...targets];
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    for (const from of tensor.producer?.inputs ?? []) if (from) stack.push(from);
  }
  return seen;
}

/** A symbol takes the value it first meets and keeps it. */
function assertShape(tensor: Tensor, got: Value, symbols: Map<string, number>): void {
  const promised: Shape = tensor.shape;
  const fits = (dim: Dim, size: number): boolean => {
    if (typeof dim === 'number') return dim === size;
    if (!symbols.has(dim.symbol)) symbols.set(dim.symbol, size / dim.factor);
    return symbols.get(dim.symbol) === size / dim.factor;
  };
  const right =
    promised.length === got.shape.length && promised.every((dim, axis) => fits(dim, got.shape[axis] ?? -1));
  if (!right) {
    throw new ShapeError(
      `reference: "${tensor.name}" was promised as ${shapeText(promised)} and came as [${got.shape.join(', ')}]`,
    );
  }
}
