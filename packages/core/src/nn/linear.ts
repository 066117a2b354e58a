import type { Tensor } from '../onnx/graph.js';
import { add, gemm, mul } from '../onnx/ops/index.js';
import type { ParameterSource, ParameterSpec } from './parameters.js';

export interface LinearOptions {
  /** Whether there is a bias; true by default. */
  readonly bias?: boolean;
  /** Factors on what goes in and on what comes out, 1 by default. They go into the weights. */
  readonly scaleIn?: number;
  readonly scaleOut?: number;
}

/** `x · Wᵀ + b` on rows: `[rows, inputs] → [rows, outputs]`; W is `[outputs, inputs]`, as PyTorch keeps it. */
export function linear(
  parameters: ParameterSource,
  x: Tensor,
  inputs: number,
  outputs: number,
  { bias = true, scaleIn = 1, scaleOut = 1 }: LinearOptions = {},
): Tensor {
  const weight = scaledOnce(parameters('weight', [outputs, inputs]), scaleIn * scaleOut);
  const added = bias ? scaledOnce(parameters('bias', [outputs]), scaleOut) : null;
  const product = gemm(x, weight, null, { transB: true });
  return added ? add(product, added) : product;
}

/** `factor · x`; x itself for 1. */
export const times = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : mul(x, factor));

const scaledWeights = new WeakMap<Tensor, Map<number, Tensor>>();

/** {@link times} for a weight, made once however often the weight is used. */
function scaledOnce(weight: Tensor, factor: number): Tensor {
  const known = scaledWeights.get(weight) ?? new Map<number, Tensor>();
  scaledWeights.set(weight, known);
  const scaled = known.get(factor) ?? times(weight, factor);
  known.set(factor, scaled);
  return scaled;
}

/** Weights of {@link linear}: deviation `gain / √inputs`, bias zero. */
export function linearSpecs(
  prefix: string,
  inputs: number,
  outputs: number,
  options: { readonly bias?: boolean; readonly gain?: number } = {},
): Record<string, ParameterSpec> {
  const weight: ParameterSpec = { shape: [outputs, inputs], init: (options.gain ?? 1) / Math.sqrt(inputs) };
  if (options.bias === false) return { [`${prefix}.weight`]: weight };
  return { [`${prefix}.weight`]: weight, [`${prefix}.bias`]: { shape: [outputs], init: 'zeros' } };
}
