import { layerNorm, layerNormSpecs } from '../../nn/layer-norm.js';
import { linear, linearSpecs } from '../../nn/linear.js';
import { type ParameterSource, type ParameterSpec, within } from '../../nn/parameters.js';
import { type TransformerHooks, transformer, transformerSpecs } from '../../nn/transformer.js';
import { type Dim, multiplyDims } from '../../onnx/dims.js';
import { intConstant, type Tensor } from '../../onnx/graph.js';
import { add, gather, reshape } from '../../onnx/ops/index.js';
import type { SmallConfig } from './config.js';

/** The text tower: a causal transformer read at the end-of-text token, as in CLIP.
 *  @param ids int64 `[batch·tokens]`, padded after the end token. @param ends int64 `[batch]`: the row of each
 *  text's end token in the `[batch·tokens, width]` matrix. @returns `[batch, embedding]`, not normalised. */
export function textTower(
  parameters: ParameterSource,
  ids: Tensor,
  ends: Tensor,
  config: SmallConfig,
  batch: Dim,
  tokens: number,
  hooks: TransformerHooks = {},
): Tensor {
  const { text } = config;
  const words = gather(parameters('tokens', [text.vocabulary, text.width]), ids);
  const positions = parameters('positions', [text.context, text.width]);
  const place = gather(positions, rowsUpTo(ids, tokens));
  const placed = reshape(add(reshape(words, [batch, tokens, text.width]), place), [
    multiplyDims(batch, tokens),
    text.width,
  ]);
  const hidden = transformer(parameters, placed, { ...text, causal: true }, batch, tokens, hooks);
  const last = layerNorm(within(parameters, 'norm'), gather(hidden, ends));
  return linear(within(parameters, 'projection'), last, text.width, config.embedding, { bias: false });
}

const rowsUpTo = (like: Tensor, count: number): Tensor =>
  intConstant(
    like.graph,
    Array.from({ length: count }, (_, index) => index),
  );

/** Fresh weights of the text tower, named below `prefix`. */
export function textTowerSpecs(prefix: string, config: SmallConfig): Record<string, ParameterSpec> {
  const { text } = config;
  return {
    [`${prefix}.tokens`]: { shape: [text.vocabulary, text.width], init: 0.02 },
    [`${prefix}.positions`]: { shape: [text.context, text.width], init: 0.01 },
    ...transformerSpecs(prefix, text),
    ...layerNormSpecs(`${prefix}.norm`, text.width),
    ...linearSpecs(`${prefix}.projection`, text.width, config.embedding, { bias: false }),
  };
}
