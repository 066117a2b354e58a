import type { Kernel } from './reference-value.js';
import { broadcastShape, broadcastStrides, offsetsOf, type Value } from './reference-value.js';

/** The error function to full double precision: `erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1))`
 *  (Abramowitz & Stegun 7.1.6); all terms have one sign, so nothing cancels. Past 6 it is 1 within a rounding. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const unary =
  (f: (x: number) => number): Kernel =>
  (_node, [x]) => [{ shape: x.shape, data: x.data.map(f) }];

const broadcasting =
  (f: (...values: number[]) => number): Kernel =>
  (_node, inputs) => {
    const shape = broadcastShape(inputs.map((input) => input.shape));
    const places = inputs.map((input) => offsetsOf(shape, broadcastStrides(input.shape, shape)));
    const size = places[0]?.length ?? 0;
    const data = new Float64Array(size);
    for (let flat = 0; flat < size; flat++) {
      data[flat] = f(...inputs.map((input, i) => input.data[places[i]?.[flat] ?? 0] ?? Number.NaN));
    }
    return [{ shape, data }];
  };

const FLOAT_CODES = [1, 10, 11];

/** To an integer type towards zero, to bool as "not zero". */
const castKernel: Kernel = (node, [x]) => {
  const to = node.attributes.to;
  const code = to?.type === 'int' ? to.value : 1;
  const change = (v: number) =>
    FLOAT_CODES.includes(code) ? v : code === 9 ? Number(v !== 0) : Math.trunc(v);
  return [{ shape: x.shape, data: x.data.map(change) }];
};

const identity: Kernel = (_node, [x]) => [x as Value];

export const elementwiseKernels: Readonly<Record<string, Kernel>> = {
  Add: broadcasting((a, b) => (a as number) + (b as number)),
  Sub: broadcasting((a, b) => (a as number) - (b as number)),
  Mul: broadcasting((a, b) => (a as number) * (b as number)),
  Div: broadcasting((a, b) => (a as number) / (b as number)),
  Max: broadcasting(Math.max),
  Min: broadcasting(Math.min),
  Greater: broadcasting((a, b) => Number((a as number) > (b as number))),
  Equal: broadcasting((a, b) => Number(a === b)),
  Where: broadcasting((condition, a, b) => (condition === 0 ? b : a) as number),
  Neg: unary((x) => -x),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Erf: unary(erf),
  Tanh: unary(Math.tanh),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  Relu: unary((x) => Math.max(0, x)),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  HardSigmoid: (node, [x]) => {
    const { alpha, beta } = node.attributes;
    const [slope, offset] = [alpha, beta].map((one) => (one?.type === 'float' ? one.value : Number.NaN));
    const clamp = (v: number) => Math.min(1, Math.max(0, (slope as number) * v + (offset as number)));
    return [{ shape: x.shape, data: x.data.map(clamp) }];
  },
  Clip: (_node, [x, low, high]) => {
    const [from, to] = [low, high].map((limit) => limit?.data[0] ?? Number.NaN) as [number, number];
    return [{ shape: x.shape, data: x.data.map((v) => Math.min(to, Math.max(from, v))) }];
  },
  LeakyRelu: (node, [x]) => {
    const alpha = node.attributes.alpha;
    const slope = alpha?.type === 'float' ? alpha.value : 0.01;
    return [{ shape: x.shape, data: x.data.map((v) => (v < 0 ? slope * v : v)) }];
  },
  Cast: castKernel,
  Identity: identity,
};
