import { l2Normalise } from '../nn/l2-normalise.js';
import type { ParameterSource, ParameterSpec } from '../nn/parameters.js';
import type { LayerPrompts } from '../nn/transformer.js';
import { type Dim, multiplyDims, sizeOf, staticDim } from '../onnx/dims.js';
import { constant, type Tensor } from '../onnx/graph.js';
import {
  add,
  exp,
  fusedMatMul,
  gemm,
  matMul,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  softmax,
  sub,
} from '../onnx/ops/index.js';
import type { Tuning } from './tuning.js';

/** A query's place in the style space. */
export interface StyleProjection {
  /** `[batch, styleWidth]`: the reduced Gram feature g. */
  readonly gram: Tensor;
  /** `[batch, K]`: `w_j = softmax_j(cos(g, μ_j) / τ)`. */
  readonly weights: Tensor;
  /** `[batch]`: the largest cosine to a centre; low for a query outside every known style. */
  readonly nearest: Tensor;
  /** `[batch, styleWidth]`: `s = Σ_j w_j μ_j`. */
  readonly style: Tensor;
}

/** Projects Gram features on the centres of the style space; 1/τ is `exp(parameters('temperature'))`.
 *  @param imposed `[batch, K]`: weights that replace those found; a row of zeros leaves them. */
export function projectStyle(
  parameters: ParameterSource,
  gram: Tensor,
  clusters: number,
  imposed: Tensor | null = null,
): StyleProjection {
  const width = staticDim(gram.shape, 1, 'projectStyle');
  const centres = parameters('centres', [clusters, width]);
  const cosine = fusedMatMul(l2Normalise(gram), l2Normalise(centres), { transB: true });
  const found = softmax(mul(cosine, exp(parameters('temperature', []))));
  const weights = imposed
    ? add(
        imposed,
        mul(found, sub(constant(gram.graph, 1), reduceSum(imposed, { axes: [1], keepDims: true }))),
      )
    : found;
  const nearest = reduceMax(cosine, { axes: [1] });
  return { gram, weights, nearest, style: matMul(weights, centres) };
}

/** What drives the prompts of one layer; `none` for a layer that gets none. */
export function promptSource(tuning: Tuning, layer: number): 'none' | 'static' | 'style' | 'gram' {
  if (!tuning.deepPrompts && layer >= tuning.shallowLayers) return 'none';
  if (tuning.method !== 'freestyle') return 'static';
  if (layer < tuning.shallowLayers) return tuning.styleSpace ? 'style' : 'static';
  return tuning.gram ? 'gram' : 'static';
}

/** The prompts of one layer as it reads them, learned tokens plus a linear map of the query's style; null for a layer
 *  that gets none.
 *  @param x the layer's input, read only for its batch. @returns tokens `[batch·tokens, width]`. */
export function promptsOf(
  parameters: ParameterSource,
  tuning: Tuning,
  layer: number,
  width: number,
  projection: StyleProjection | null,
  x: Tensor,
  batch: Dim,
): LayerPrompts | null {
  const source = promptSource(tuning, layer);
  if (source === 'none') return null;
  const flat = tuning.tokens * width;
  const learned = parameters(`prompts.${layer}.tokens`, [1, flat]);
  const driver = source === 'style' ? projection?.style : source === 'gram' ? projection?.gram : undefined;
  const rows = driver
    ? add(
        gemm(
          driver,
          parameters(`prompts.${layer}.from_${source}`, [flat, staticDim(driver.shape, 1, 'prompts')]),
          null,
          { transB: true },
        ),
        learned,
      )
    : add(zeroColumn(x, batch), learned);
  const tokens = reshape(rows, [multiplyDims(batch, tuning.tokens), width]);
  const gate = tuning.gated ? { gate: parameters(`prompts.${layer}.gate`, [1, width]) } : {};
  return { tokens, count: tuning.tokens, ...gate };
}

/** `[batch, 1]` of zeros: broadcasting it repeats a learned row for a batch whose size is known only at run time. */
function zeroColumn(x: Tensor, batch: Dim): Tensor {
  const elements = sizeOf(x.shape);
  const row = typeof elements === 'number' ? elements / Number(batch) : elements.factor;
  return mul(slice(reshape(x, [batch, row]), [{ axis: 1, start: 0, end: 1 }]), 0);
}

/** Fresh prompts for every layer that gets some. The style maps start small: the first step is that of static prompts. */
export function promptSpecs(
  tuning: Tuning,
  layers: number,
  width: number,
  styleWidth: number,
): Record<string, ParameterSpec> {
  const flat = tuning.tokens * width;
  const specs: Record<string, ParameterSpec> = {};
  for (let layer = 0; layer < layers; layer++) {
    const source = promptSource(tuning, layer);
    if (source === 'none') continue;
    specs[`prompts.${layer}.tokens`] = { shape: [1, flat], init: 0.5 };
    if (tuning.gated) specs[`prompts.${layer}.gate`] = { shape: [1, width], init: 'zeros' };
    if (source === 'static') continue;
    specs[`prompts.${layer}.from_${source}`] = {
      shape: [flat, styleWidth],
      init: 0.1 / Math.sqrt(styleWidth),
    };
  }
  return specs;
}
