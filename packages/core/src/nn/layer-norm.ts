import { staticDim } from '../onnx/dims.js';
import type { Tensor } from '../onnx/graph.js';
import { layerNormalization } from '../onnx/ops/index.js';
import type { ParameterSource, ParameterSpec } from './parameters.js';

/** Layer normalisation over the last axis with weights `weight` and `bias`. */
export function layerNorm(parameters: ParameterSource, x: Tensor, epsilon = 1e-5): Tensor {
  const width = staticDim(x.shape, -1, 'layerNorm');
  return layerNormalization(x, parameters('weight', [width]), parameters('bias', [width]), epsilon);
}

export const layerNormSpecs = (prefix: string, width: number): Record<string, ParameterSpec> => ({
  [`${prefix}.weight`]: { shape: [width], init: 'ones' },
  [`${prefix}.bias`]: { shape: [width], init: 'zeros' },
});
