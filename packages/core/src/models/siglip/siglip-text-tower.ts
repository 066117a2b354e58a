import { layerNorm } from '../../nn/layer-norm.js';
import { linear } from '../../nn/linear.js';
import { type ParameterSource, within } from '../../nn/parameters.js';
import { type TransformerConfig, type TransformerHooks, transformer } from '../../nn/transformer.js';
import { multiplyDims } from '../../onnx/dims.js';
import type { Tensor } from '../../onnx/graph.js';
import { add, gather, reshape, slice } from '../../onnx/ops/index.js';

/** Shape of SigLIP's text tower. */
export interface SiglipTextConfig extends TransformerConfig {
  readonly vocabulary: number;
  /** Tokens of every text, padding included: it was trained with rows that are always full. */
  readonly context: number;
  readonly projection: number;
}

/** SigLIP's text tower (Zhai et al. 2023): tokens, positions, pre-norm blocks in which every token sees every other,
 *  padding too, normalisation of the last position, projection with bias.
 *  Weights: `tokens`, `positions`, `blocks.<n>`, `postNorm`, `projection`.
 *  @param ids int64 `[batch, context]`. @returns `[batch, projection]`, not normalised. */
export function siglipTextTower(
  parameters: ParameterSource,
  ids: Tensor,
  config: SiglipTextConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const { width, context, vocabulary, projection, epsilon } = config;
  const batch = ids.shape[0] ?? 1;
  const words = gather(parameters('tokens', [vocabulary, width]), ids);
  const placed = reshape(add(words, parameters('positions', [context, width])), [
    multiplyDims(batch, context),
    width,
  ]);
  const hidden = reshape(transformer(parameters, placed, config, batch, context, hooks), [
    batch,
    context,
    width,
  ]);
  const last = reshape(slice(hidden, [{ axis: 1, start: context - 1, end: context }]), [batch, width]);
  const normal = layerNorm(within(parameters, 'postNorm'), last, epsilon);
  return linear(within(parameters, 'projection'), normal, width, projection);
}
