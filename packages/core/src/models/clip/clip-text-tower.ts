import { layerNorm } from '../../nn/layer-norm.js';
import { linear } from '../../nn/linear.js';
import { type ParameterSource, within } from '../../nn/parameters.js';
import { type TransformerConfig, type TransformerHooks, transformer } from '../../nn/transformer.js';
import { multiplyDims } from '../../onnx/dims.js';
import type { Tensor } from '../../onnx/graph.js';
import { add, gather, reshape } from '../../onnx/ops/index.js';

/** Where a CLIP text tower is read: at the first end token, or, as early files ask whose `eos_token_id` is 2,
 *  at the largest id of the row. */
export type EndRule = { readonly kind: 'largest-id' } | { readonly kind: 'token'; readonly id: number };

/** Shape of CLIP's text tower. */
export interface ClipTextConfig extends TransformerConfig {
  readonly vocabulary: number;
  /** Tokens of every text, padding included. */
  readonly context: number;
  readonly projection: number;
  readonly end: EndRule;
}

/** CLIP's text tower (Radford et al. 2021): tokens, positions, causal pre-norm blocks, normalisation, the row of
 *  the end token, projection without bias.
 *  Weights: `tokens`, `positions`, `blocks.<n>`, `postNorm`, `projection`.
 *  @param ids int64 `[batch, context]`.
 *  @param ends int64 `[batch]`: row of each text's end token in `[batch·context, width]`, see {@link endRows}.
 *  @returns `[batch, projection]`, not normalised. */
export function clipTextTower(
  parameters: ParameterSource,
  ids: Tensor,
  ends: Tensor,
  config: ClipTextConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const { width, context, vocabulary, projection } = config;
  const batch = ids.shape[0] ?? 1;
  const words = gather(parameters('tokens', [vocabulary, width]), ids);
  const placed = reshape(add(words, parameters('positions', [context, width])), [
    multiplyDims(batch, context),
    width,
  ]);
  const hidden = transformer(parameters, placed, { ...config, causal: true }, batch, context, hooks);
  const last = layerNorm(within(parameters, 'postNorm'), gather(hidden, ends), config.epsilon);
  return linear(within(parameters, 'projection'), last, width, projection, { bias: false });
}

/** Row of each text's end token in the `[texts·context, width]` matrix.
 *  A text without one is read at its first token, as the reference's argmax does. */
export function endRows(ids: Int32Array, context: number, rule: EndRule): BigInt64Array {
  const rows = new BigInt64Array(ids.length / context);
  for (let text = 0; text < rows.length; text++) {
    const row = ids.subarray(text * context, (text + 1) * context);
    const wanted = rule.kind === 'token' ? rule.id : row.reduce((largest, id) => Math.max(largest, id), 0);
    rows[text] = BigInt(text * context + Math.max(0, row.indexOf(wanted)));
  }
  return rows;
}
