import { sameDim, sameShape, shapeText, sizeOf } from '../onnx/dims.js';
import { ShapeError } from '../onnx/errors.js';
import { constant, type Node, type Tensor } from '../onnx/graph.js';
import { gemm, reduceSum, reshape } from '../onnx/ops/index.js';

/** Reverse-mode rule of one operator: cotangents of the outputs → cotangents of the inputs.
 *  An absent cotangent means zero. `wants[i]` tells whether anybody needs the gradient of input i. */
export type GradientRule = (
  node: Node,
  cotangents: readonly (Tensor | undefined)[],
  wants: readonly boolean[],
) => readonly (Tensor | undefined)[];

export function inputAt(node: Node, index: number): Tensor {
  const tensor = node.inputs[index];
  if (!tensor) throw new ShapeError(`${node.op}: input ${index} is missing`);
  return tensor;
}

export function outputAt(node: Node, index: number): Tensor {
  const tensor = node.outputs[index];
  if (!tensor) throw new ShapeError(`${node.op}: output ${index} is missing`);
  return tensor;
}

export function listAttribute(node: Node, name: string): readonly number[] {
  const attribute = node.attributes[name];
  if (attribute?.type !== 'ints') throw new ShapeError(`${node.op}: the attribute ${name} is missing`);
  return attribute.value;
}

/** The int64 values of a constant input (axes, starts, pads). */
export function constantInts(node: Node, index: number): number[] {
  const tensor = inputAt(node, index);
  const found = tensor.graph.initializers.find((initializer) => initializer.tensor === tensor);
  if (!(found?.data instanceof BigInt64Array)) {
    throw new ShapeError(`${node.op}: input ${index} must be a constant for its gradient`);
  }
  return Array.from(found.data, Number);
}

/** Sum over the first axis as a product with a row of ones, which the runtime does on a processor in half the time of its own
 *  reduction, and in a tenth where rows are few and long. */
export function sumFirstAxis(x: Tensor): Tensor {
  const [rows, ...rest] = x.shape;
  const size = sizeOf(rest);
  if (typeof rows !== 'number' || typeof size !== 'number') return reduceSum(x, { axes: [0] });
  if (x.graph.target === 'cuda') return reduceSum(x, { axes: [0] });
  if (x.graph.target === 'webgpu') return sumInStages(x, rows, rest);
  const ones = constant(x.graph, new Float32Array(rows).fill(1), [1, rows]);
  return reshape(gemm(ones, reshape(x, [rows, size])), rest);
}

/** Rows that one thread of a card adds up by itself. */
const STAGE = 64;

/** The `webgpu` provider gives each column of a sum to one thread: where rows are many, most threads of the card would wait for
 *  a few. So parts of the rows are summed side by side, and their sums after them. CUDA's kernel does so by itself. */
function sumInStages(x: Tensor, rows: number, rest: Tensor['shape']): Tensor {
  let part = STAGE;
  while (part > 1 && rows % part !== 0) part /= 2;
  if (part < 8 || rows <= STAGE) return reduceSum(x, { axes: [0] });
  const parts = reduceSum(reshape(x, [rows / part, part, ...rest]), { axes: [1] });
  return sumInStages(parts, rows / part, rest);
}

/** Adjoint of broadcasting: sums a cotangent over the axes along which `target` was repeated. */
export function sumTo(cotangent: Tensor, target: Tensor): Tensor {
  if (sameShape(cotangent.shape, target.shape)) return cotangent;
  if (sameShape(cotangent.shape.slice(1), target.shape)) return sumFirstAxis(cotangent);
  const lead = cotangent.shape.length - target.shape.length;
  const axes = cotangent.shape.flatMap((dim, axis) => {
    if (axis < lead) return [axis];
    const own = target.shape[axis - lead];
    if (own === undefined) throw new ShapeError(`sum to ${shapeText(target.shape)}: rank`);
    return sameDim(own, dim) ? [] : [axis];
  });
  return reshape(reduceSum(cotangent, { axes, keepDims: true }), target.shape);
}
