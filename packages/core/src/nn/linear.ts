import type { Tensor } from '../onnx/graph.js';
import { gemm } from '../onnx/ops/index.js';
import type { ParameterSource, ParameterSpec } from './parameters.js';

/** `x · Wᵀ + b` on rows: `[rows, inputs] → [rows, outputs]`; W is `[outputs, inputs]`, as PyTorch keeps it. */
export function linear(
  parameters: ParameterSource,
  x: Tensor,
  inputs: number,
  outputs: number,
  bias = true,
): Tensor {
  const weight = parameters('weight', [outputs, inputs]);
  return gemm(x, weight, bias ? parameters('bias', [outputs]) : null, { transB: true });
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
