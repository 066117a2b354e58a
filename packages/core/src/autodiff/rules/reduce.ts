import { type Dim, sizeOf } from '../../onnx/dims.js';
import type { Tensor } from '../../onnx/graph.js';
import {
  cast,
  div,
  equal,
  exp,
  expand,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  sub,
} from '../../onnx/ops/index.js';
import { constantInts, type GradientRule, inputAt, numberAttribute, outputAt, sumTo } from '../rule.js';

/** A reduced value with its axes back as size 1, so that it broadcasts against the input. */
function keepAxes(reduced: Tensor, node: Parameters<GradientRule>[0]): Tensor {
  const x = inputAt(node, 0);
  const axes = constantInts(node, 1);
  return reshape(
    reduced,
    x.shape.map((dim, axis): Dim => (axes.includes(axis) ? 1 : dim)),
  );
}

const count = (node: Parameters<GradientRule>[0]): number => {
  const x = inputAt(node, 0);
  const size = sizeOf(constantInts(node, 1).map((axis) => x.shape[axis] ?? 1));
  return typeof size === 'number' ? size : Number.NaN;
};

/** Softmax over the last axis from its own result: `dx = y ⊙ (dy − Σ dy ⊙ y)`. */
const softmaxRule: GradientRule = (node, [dy]) => {
  if (!dy) return [];
  const y = outputAt(node, 0);
  const axis = numberAttribute(node, 'axis', -1);
  return [mul(y, sub(dy, reduceSum(mul(dy, y), { axes: [axis], keepDims: true })))];
};

/** Layer normalisation with `x̂ = (x − μ)·r`:
 *  `dx = r·(dx̂ − mean(dx̂) − x̂·mean(dx̂ ⊙ x̂))`, `dscale = Σ dy ⊙ x̂`, `dbias = Σ dy`.
 *  μ and r are the operator's own second and third outputs. */
const layerNormalizationRule: GradientRule = (node, [dy], wants) => {
  if (!dy) return [];
  const x = inputAt(node, 0);
  const scale = inputAt(node, 1);
  const inverse = outputAt(node, 2);
  const normal = mul(sub(x, outputAt(node, 1)), inverse);
  const sumRows = (rows: Tensor): Tensor => sumTo(rows, scale);
  const input = () => {
    const g = mul(dy, scale);
    const along = { axes: [-1], keepDims: true };
    const centred = sub(g, reduceMean(g, along));
    return mul(inverse, sub(centred, mul(normal, reduceMean(mul(g, normal), along))));
  };
  return [
    wants[0] ? input() : undefined,
    wants[1] ? sumRows(mul(dy, normal)) : undefined,
    wants[2] ? sumRows(dy) : undefined,
  ];
};

export const reduceRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: (node, [dy]) => [dy && expand(keepAxes(dy, node), inputAt(node, 0).shape)],
  ReduceMean: (node, [dy]) => [dy && expand(keepAxes(div(dy, count(node)), node), inputAt(node, 0).shape)],
  // The cotangent goes to the largest elements; equals share it.
  ReduceMax: (node, [dy]) => {
    if (!dy) return [];
    const winners = cast(equal(inputAt(node, 0), keepAxes(outputAt(node, 0), node)), 'float32');
    const ties = reduceSum(winners, { axes: constantInts(node, 1), keepDims: true });
    return [mul(div(winners, ties), keepAxes(dy, node))];
  },
  Softmax: softmaxRule,
  // dx = dy − softmax(x)·Σ dy
  LogSoftmax: (node, [dy]) => {
    if (!dy) return [];
    const axis = numberAttribute(node, 'axis', -1);
    const total = reduceSum(dy, { axes: [axis], keepDims: true });
    return [sub(dy, mul(exp(outputAt(node, 0)), total))];
  },
  LayerNormalization: layerNormalizationRule,
};
