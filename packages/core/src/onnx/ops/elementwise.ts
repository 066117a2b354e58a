import { broadcastShapes } from '../dims.js';
import type { DType } from '../dtype.js';
import { ShapeError } from '../errors.js';
import { assertSameType, constant, emit, float, int, type Tensor } from '../graph.js';

type Operand = Tensor | number;

const lift = (like: Tensor, value: Operand): Tensor =>
  typeof value === 'number' ? constant(like.graph, value) : value;

const binary =
  (op: string, dtype?: DType) =>
  (a: Tensor, b: Operand): Tensor => {
    const right = lift(a, b);
    assertSameType(op, [a, right]);
    return emit({ op, inputs: [a, right] }, broadcastShapes(a.shape, right.shape, op), dtype ?? a.dtype);
  };

const unary =
  (op: string) =>
  (x: Tensor): Tensor =>
    emit({ op, inputs: [x] }, x.shape);

export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
export const max = binary('Max');
export const min = binary('Min');
export const greater = binary('Greater', 'bool');
export const equal = binary('Equal', 'bool');

export const neg = unary('Neg');
export const exp = unary('Exp');
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const reciprocal = unary('Reciprocal');
export const erf = unary('Erf');
export const tanh = unary('Tanh');
export const sigmoid = unary('Sigmoid');
export const relu = unary('Relu');
export const abs = unary('Abs');
export const sign = unary('Sign');

const typeCode: Readonly<Record<'float32' | 'int64' | 'int32' | 'bool', number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** Converts the element type; no gradient passes through. */
export const cast = (x: Tensor, dtype: keyof typeof typeCode): Tensor =>
  emit({ op: 'Cast', inputs: [x], attributes: { to: int(typeCode[dtype]) } }, x.shape, dtype);

/** `condition ? a : b`, element by element. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const left = lift(condition, a);
  const right = lift(condition, b);
  if (condition.dtype !== 'bool') {
    throw new ShapeError(`Where: the condition must be bool, got ${condition.dtype}`);
  }
  assertSameType('Where', [left, right]);
  const shape = broadcastShapes(condition.shape, broadcastShapes(left.shape, right.shape, 'Where'), 'Where');
  return emit({ op: 'Where', inputs: [condition, left, right] }, shape, left.dtype);
}

/** The value itself, as a constant for the gradient. */
export const stopGradient = (x: Tensor): Tensor =>
  emit({ op: 'Identity', inputs: [x], attributes: {} }, x.shape);

/** Exact GELU, `x·Φ(x)` (Hendrycks & Gimpel 2016, the erf form). */
export const gelu = (x: Tensor): Tensor => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

/** `x·σ(x)` (Hendrycks & Gimpel 2016). */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

export const QUICK_GELU_SCALE = 1.702;

/** `x·σ(1.702·x)`, the approximation that OpenAI's CLIP was trained with. */
export const quickGelu = (x: Tensor): Tensor => mul(x, sigmoid(mul(x, QUICK_GELU_SCALE)));

/** GELU by its tanh form (Hendrycks & Gimpel 2016), which SigLIP was trained with: `x·½(1 + tanh u)` is `x·σ(2u)`
 *  with `u = √(2/π)·(x + 0.044715·x³)`. */
export const geluTanh = (x: Tensor): Tensor =>
  mul(x, sigmoid(mul(mul(x, add(mul(mul(x, x), 0.044715), 1)), 2 * Math.sqrt(2 / Math.PI))));

/** `min(1, max(0, alpha·x + beta))`. */
export const hardSigmoid = (x: Tensor, options: { readonly alpha: number; readonly beta: number }): Tensor =>
  emit(
    {
      op: 'HardSigmoid',
      inputs: [x],
      attributes: { alpha: float(options.alpha), beta: float(options.beta) },
    },
    x.shape,
  );

/** `min(high, max(low, x))`, in the form that the runtime joins to a convolution before it. */
export const clip = (x: Tensor, low: number, high: number): Tensor =>
  emit({ op: 'Clip', inputs: [x, constant(x.graph, low), constant(x.graph, high)] }, x.shape);

/** `max(x, slope·x)`. */
export const leakyRelu = (x: Tensor, slope: number): Tensor =>
  emit({ op: 'LeakyRelu', inputs: [x], attributes: { alpha: float(slope) } }, x.shape);
