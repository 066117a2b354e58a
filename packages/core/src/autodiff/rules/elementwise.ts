import { constant, type Node, numberAttribute, type Tensor } from '../../onnx/graph.js';
import {
  add,
  cast,
  div,
  equal,
  exp,
  greater,
  hardSigmoid,
  mul,
  neg,
  sign,
  sub,
  where,
} from '../../onnx/ops/index.js';
import { type GradientRule, inputAt, outputAt, sumTo } from '../rule.js';

/** A rule for `y = f(x)`: derivative times cotangent. */
const unary =
  (derivative: (y: Tensor, x: Tensor, dy: Tensor) => Tensor): GradientRule =>
  (node, [dy]) => [dy && derivative(outputAt(node, 0), inputAt(node, 0), dy)];

/** A rule for a broadcasting `z = f(a, b)`. */
const binary =
  (
    left: (dz: Tensor, a: Tensor, b: Tensor, z: Tensor) => Tensor,
    right: (dz: Tensor, a: Tensor, b: Tensor, z: Tensor) => Tensor,
  ): GradientRule =>
  (node, [dz], wants) => {
    if (!dz) return [];
    const a = inputAt(node, 0);
    const b = inputAt(node, 1);
    const z = outputAt(node, 0);
    return [
      wants[0] ? sumTo(left(dz, a, b, z), a) : undefined,
      wants[1] ? sumTo(right(dz, a, b, z), b) : undefined,
    ];
  };

// (ab)' = a'b + ab'
const product = binary(
  (dz, _a, b) => mul(dz, b),
  (dz, a) => mul(dz, a),
);

/** `y = x·σ(t)` with `t = αx`, as SiLU and the quick GELU are written, in one piece: `σ + t·σ·(1 − σ)`, which passes over
 *  memory less often than the rules of its operators one after the other. Undefined for any other product. */
function gatedRule(node: Node, dy: Tensor | undefined): readonly (Tensor | undefined)[] | undefined {
  const x = inputAt(node, 0);
  const gate = inputAt(node, 1);
  const sigmoid = gate.producer;
  if (!dy || sigmoid?.op !== 'Sigmoid') return undefined;
  const t = inputAt(sigmoid, 0);
  const rest = sub(constant(gate.graph, 1), gate);
  // With α = 1 the result is t·σ, and t need not be kept.
  if (t === x) return [mul(dy, add(gate, mul(outputAt(node, 0), rest))), undefined];
  const scaled = t.producer;
  if (!(scaled?.op === 'Mul' && scaled.inputs[0] === x && isConstant(scaled.inputs[1]))) return undefined;
  return [mul(dy, mul(gate, add(mul(t, rest), 1))), undefined];
}

const isConstant = (tensor: Tensor | null | undefined): boolean =>
  tensor?.shape.length === 0 && tensor.graph.initializers.some((one) => one.tensor === tensor);

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
const mask = (condition: Tensor): Tensor => cast(condition, 'float32');

export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Add: binary(
    (dz) => dz,
    (dz) => dz,
  ),
  Sub: binary(
    (dz) => dz,
    (dz) => neg(dz),
  ),
  Mul: (node, cotangents, wants) => gatedRule(node, cotangents[0]) ?? product(node, cotangents, wants),
  // (a/b)' = a'/b − (a/b)·b'/b
  Div: binary(
    (dz, _a, b) => div(dz, b),
    (dz, _a, b, z) => neg(div(mul(dz, z), b)),
  ),
  // The larger one takes all; equals share, so that the rule agrees with the central difference.
  Max: binary(
    (dz, a, b) => mul(dz, share(a, b)),
    (dz, a, b) => mul(dz, share(b, a)),
  ),
  Min: binary(
    (dz, a, b) => mul(dz, share(b, a)),
    (dz, a, b) => mul(dz, share(a, b)),
  ),
  Neg: unary((_y, _x, dy) => neg(dy)),
  Exp: unary((y, _x, dy) => mul(dy, y)),
  Log: unary((_y, x, dy) => div(dy, x)),
  // (√x)' = 1 / (2√x)
  Sqrt: unary((y, _x, dy) => div(mul(dy, 0.5), y)),
  // (1/x)' = −1/x²
  Reciprocal: unary((y, _x, dy) => neg(mul(dy, mul(y, y)))),
  // erf' = 2/√π · e^(−x²)
  Erf: unary((_y, x, dy) => mul(dy, mul(exp(neg(mul(x, x))), TWO_OVER_SQRT_PI))),
  // tanh' = 1 − tanh²
  Tanh: unary((y, _x, dy) => sub(dy, mul(dy, mul(y, y)))),
  // σ' = σ(1 − σ)
  Sigmoid: unary((y, _x, dy) => mul(dy, sub(y, mul(y, y)))),
  Relu: unary((y, _x, dy) => mul(dy, positive(y))),
  // 1 between the limits, 0 at them and outside, as PyTorch has it.
  Clip: (node, [dy]) => {
    if (!dy) return [];
    const y = outputAt(node, 0);
    const above = positive(sub(y, inputAt(node, 1)));
    return [mul(dy, mul(above, positive(sub(inputAt(node, 2), y))))];
  },
  Abs: unary((_y, x, dy) => mul(dy, sign(x))),
  HardSigmoid: (node, [dy]) => {
    if (!dy) return [];
    const y = outputAt(node, 0);
    const rising = mask(greater(mul(y, sub(constant(y.graph, 1), y)), 0));
    return [mul(mul(dy, numberAttribute(node, 'alpha', 0.2)), rising)];
  },
  LeakyRelu: (node, [dy]) => [
    dy && where(greater(inputAt(node, 0), 0), dy, mul(dy, numberAttribute(node, 'alpha', 0.01))),
  ],
  Where: (node, [dy], wants) => {
    if (!dy) return [];
    const condition = inputAt(node, 0);
    const a = inputAt(node, 1);
    const b = inputAt(node, 2);
    return [
      undefined,
      wants[1] ? sumTo(where(condition, dy, 0), a) : undefined,
      wants[2] ? sumTo(where(condition, 0, dy), b) : undefined,
    ];
  },
};

/** 1 where a rectified value is positive, 0 where it is zero, in one pass where a comparison and a cast take two: a clamped
 *  line so steep that every normal float32 above zero reaches 1. */
const positive = (y: Tensor): Tensor => hardSigmoid(y, { alpha: 3e38, beta: 0 });

/** 1 where a > b, ½ where equal, 0 elsewhere. */
function share(a: Tensor, b: Tensor): Tensor {
  return add(mask(greater(a, b)), mul(mask(equal(a, b)), 0.5));
}
