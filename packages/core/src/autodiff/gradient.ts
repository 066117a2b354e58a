import { GraphError } from '../onnx/errors.js';
import { constant, type Node, numberAttribute, type Tensor } from '../onnx/graph.js';
import { add, expand, gemm } from '../onnx/ops/index.js';
import { MissingGradientError } from './errors.js';
import { type GradientRule, inputAt } from './rule.js';
import { convRules } from './rules/conv.js';
import { elementwiseRules } from './rules/elementwise.js';
import { linearRules } from './rules/linear.js';
import { reduceRules } from './rules/reduce.js';
import { shapeRules } from './rules/shape.js';

/** Every operator that a gradient can pass through, by its ONNX name. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...elementwiseRules,
  ...linearRules,
  ...reduceRules,
  ...shapeRules,
  ...convRules,
};

/** Operators through which no gradient passes, on purpose. */
const stops = new Set(['Identity', 'Cast', 'ArgMax', 'Greater', 'Equal', 'Sign']);

/** Reverse mode: adds to the graph the gradients of a scalar with respect to `parameters`, in their order.
 *  A parameter that the scalar does not depend on gets zeros.
 *  @throws {MissingGradientError} if the way from a parameter leads through an operator without a rule. */
export function gradient(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  const { graph } = loss;
  if (loss.shape.length !== 0) throw new GraphError('gradient: the loss must be a scalar');
  const nodes = [...graph.nodes];
  const needed = dependents(nodes, parameters);
  const cotangents = new Map<Tensor, Tensor>([[loss, constant(graph, 1)]]);

  for (const node of nodes.reverse()) {
    const given = node.outputs.map((tensor) => cotangents.get(tensor));
    if (given.every((tensor) => tensor === undefined)) continue;
    const wants = node.inputs.map((tensor) => tensor !== null && needed.has(tensor));
    if (stops.has(node.op) || !wants.includes(true)) continue;
    const rule = gradientRules[node.op];
    if (!rule) throw new MissingGradientError(node.op);
    accumulate(cotangents, node, rule(node, given, wants), wants);
  }
  return parameters.map(
    (parameter) => cotangents.get(parameter) ?? expand(constant(graph, 0), parameter.shape),
  );
}

function accumulate(
  cotangents: Map<Tensor, Tensor>,
  node: Node,
  parts: readonly (Tensor | undefined)[],
  wants: readonly boolean[],
): void {
  for (const [index, part] of parts.entries()) {
    const tensor = node.inputs[index];
    if (!part || !tensor || !wants[index]) continue;
    const known = cotangents.get(tensor);
    cotangents.set(tensor, known ? sum(known, part) : part);
  }
}

/** `known + part`. A matrix product adds what is known while it is computed, so that no sum is left to do. */
function sum(known: Tensor, part: Tensor): Tensor {
  const product = part.producer;
  if (product?.op !== 'Gemm' || product.inputs.length !== 2) return add(known, part);
  const is = (name: string) => numberAttribute(product, name, 0) === 1;
  return gemm(inputAt(product, 0), inputAt(product, 1), known, {
    transA: is('transA'),
    transB: is('transB'),
    alpha: numberAttribute(product, 'alpha', 1),
  });
}

/** Every value that depends on a parameter; the rest needs no gradient. */
function dependents(nodes: readonly Node[], parameters: readonly Tensor[]): Set<Tensor> {
  const found = new Set<Tensor>(parameters);
  for (const node of nodes) {
    if (stops.has(node.op)) continue;
    if (node.inputs.some((tensor) => tensor !== null && found.has(tensor))) {
      for (const tensor of node.outputs) found.add(tensor);
    }
  }
  return found;
}
