import { type Dim, sizeOf, staticDim } from '../../onnx/dims.js';
import { numberAttribute, type Tensor } from '../../onnx/graph.js';
import {
  cast,
  div,
  equal,
  exp,
  expand,
  gemm,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  sub,
} from '../../onnx/ops/index.js';
import { constantInts, type GradientRule, inputAt, outputAt, sumTo } from '../rule.js';

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

/** Layer normalisation `y = γ·x̂ + β`, `x̂ = (x − μ)·r`, over the last axis of size w:
 *  `dx = r·(g − mean(g) − x̂·mean(g ⊙ x̂))` with `g = dy ⊙ γ`, `dγ = Σ dy ⊙ x̂`, `dβ = Σ dy`.
 *  x̂ is never made: both means are products with γ/w, and `dx = r·g − a·x + c` with a and c for each row, which passes
 *  over memory half as often. μ and r are the operator's own second and third outputs. */
const layerNormalizationRule: GradientRule = (node, [dy], wants) => {
  if (!dy) return [];
  if (dy.graph.target !== 'cpu') return layerNormalizationOnCard(node, dy, wants);
  const x = inputAt(node, 0);
  const scale = inputAt(node, 1);
  const width = staticDim(x.shape, -1, 'LayerNormalization gradient');
  const [rows, column] = [
    [sizeOf(x.shape.slice(0, -1)), width],
    [...x.shape.slice(0, -1), 1],
  ] as const;
  const flat = (tensor: Tensor): Tensor => reshape(tensor, rows);
  const mean = outputAt(node, 1);
  const inverse = outputAt(node, 2);
  const withX = mul(dy, x);
  const input = () => {
    const share = reshape(div(scale, width), [width, 1]);
    const meanOf = (tensor: Tensor): Tensor => reshape(gemm(flat(tensor), share), column);
    const level = meanOf(dy);
    const slope = mul(inverse, sub(meanOf(withX), mul(mean, level)));
    const a = mul(slope, mul(inverse, inverse));
    const c = sub(mul(mean, a), mul(inverse, level));
    return sub(mul(mul(dy, scale), inverse), sub(mul(x, a), c));
  };
  const weighted = (weights: Tensor, tensor: Tensor): Tensor =>
    reshape(gemm(reshape(weights, [1, rows[0]]), flat(tensor)), scale.shape);
  return [
    wants[0] ? input() : undefined,
    wants[1] ? sub(weighted(inverse, withX), weighted(mul(mean, inverse), dy)) : undefined,
    wants[2] ? sumTo(dy, scale) : undefined,
  ];
};

/** The same with x̂ made: on a card, products with a single row or column keep a few of its threads busy, and memory is no
 *  bottleneck. */
function layerNormalizationOnCard(
  node: Parameters<GradientRule>[0],
  dy: Tensor,
  wants: readonly boolean[],
): readonly (Tensor | undefined)[] {
  const [x, scale] = [inputAt(node, 0), inputAt(node, 1)];
  const [mean, inverse] = [outputAt(node, 1), outputAt(node, 2)];
  const normal = mul(sub(x, mean), inverse);
  const meanOf = (tensor: Tensor): Tensor => reduceMean(tensor, { axes: [-1], keepDims: true });
  const input = () => {
    const g = mul(dy, scale);
    return mul(inverse, sub(sub(g, meanOf(g)), mul(normal, meanOf(mul(g, normal)))));
  };
  const sumOf = (tensor: Tensor): Tensor => {
    const rows = sizeOf(x.shape.slice(0, -1));
    return sumTo(reshape(tensor, [rows, ...scale.shape]), scale);
  };
  return [
    wants[0] ? input() : undefined,
    wants[1] ? sumOf(mul(dy, normal)) : undefined,
    wants[2] ? sumOf(dy) : undefined,
  ];
}

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
