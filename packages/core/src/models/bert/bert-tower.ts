import { attention, type HeadShape, toHeads } from '../../nn/attention.js';
import { layerNorm } from '../../nn/layer-norm.js';
import { linear } from '../../nn/linear.js';
import { type ParameterSource, within } from '../../nn/parameters.js';
import {
  activations,
  dropFirstTokens,
  prependTokens,
  type TransformerConfig,
  type TransformerHooks,
} from '../../nn/transformer.js';
import { type Dim, multiplyDims } from '../../onnx/dims.js';
import type { Tensor } from '../../onnx/graph.js';
import { add, gather, mul, pad, reshape, slice, sub } from '../../onnx/ops/index.js';
import { type HostTensor, hostTensor, int64 } from '../../runtime/session.js';
import type { TokenBatch } from '../../text/tokenizer.js';
import { BERT_EPSILON } from './bert-weights.js';

/** Shape of a BERT that is read at its first token. */
export interface BertConfig extends TransformerConfig {
  readonly vocabulary: number;
  /** Positions that have an embedding. */
  readonly positions: number;
  /** Tokens of every text here, padding included; at most `positions`. */
  readonly context: number;
  readonly projection: number;
}

/** Large enough that its exponential is zero. */
const BLOCKED = 30_000;

/** BERT (Devlin et al. 2019) as BLIP and ALBEF use it to embed a text: tokens and positions, normalisation,
 *  post-norm blocks that see every token but the padding, the first token, projection with bias.
 *  Weights: `tokens`, `positions`, `embeddingNorm`, `blocks.<n>`, `projection`.
 *  @param ids int64 `[batch, context]`. @param mask float32 `[batch, context]`, 1 for tokens, 0 for padding.
 *  @param hooks prompts before every layer, or additions to its linear maps, for those who tune it.
 *  @returns `[batch, projection]`, not normalised. */
export function bertTower(
  parameters: ParameterSource,
  ids: Tensor,
  mask: Tensor,
  config: BertConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const { width, context, projection } = config;
  const batch = ids.shape[0] ?? 1;
  const hidden = bertLayers(parameters, ids, mask, config, hooks).at(-1) as Tensor;
  const first = slice(reshape(hidden, [batch, context, width]), [{ axis: 1, start: 0, end: 1 }]);
  return linear(within(parameters, 'projection'), reshape(first, [batch, width]), width, projection);
}

/** What comes out of the embedding and of each layer, `[batch·context, width]`: one more than there are layers.
 *  Arguments as {@link bertTower}. */
export function bertLayers(
  parameters: ParameterSource,
  ids: Tensor,
  mask: Tensor,
  config: Omit<BertConfig, 'projection'>,
  hooks: TransformerHooks = {},
): Tensor[] {
  const { width, context, vocabulary, positions } = config;
  const batch = ids.shape[0] ?? 1;
  const epsilon = config.epsilon ?? BERT_EPSILON;
  const words = gather(parameters('tokens', [vocabulary, width]), ids);
  const places = slice(parameters('positions', [positions, width]), [{ axis: 0, start: 0, end: context }]);
  const placed = reshape(add(words, places), [multiplyDims(batch, context), width]);
  let hidden = layerNorm(within(parameters, 'embeddingNorm'), placed, epsilon);
  const all = [hidden];
  for (let layer = 0; layer < config.layers; layer++) {
    const prompts = hooks.prompts?.(layer, hidden) ?? null;
    const count = prompts?.count ?? 0;
    const joined = prompts ? prependTokens(prompts.tokens, hidden, batch, count, context) : hidden;
    const shape = { batch, heads: config.heads, tokens: count + context };
    const visible = logitMask(mask, count, batch, context);
    const out = block(within(parameters, `blocks.${layer}`), joined, visible, config, shape, layer, hooks);
    hidden = prompts ? dropFirstTokens(out, batch, count, context) : out;
    all.push(hidden);
  }
  return all;
}

/** `[batch, 1, 1, count + context]`, added to the logits: prompts are always seen, padding never. */
function logitMask(mask: Tensor, count: number, batch: Dim, context: number): Tensor {
  const visible = count > 0 ? pad(sub(mask, 1), [0, count], [0, 0]) : sub(mask, 1);
  return reshape(mul(visible, BLOCKED), [batch, 1, 1, count + context]);
}

function block(
  parameters: ParameterSource,
  x: Tensor,
  mask: Tensor,
  config: Omit<BertConfig, 'projection'>,
  shape: HeadShape,
  layer: number,
  hooks: TransformerHooks,
): Tensor {
  const { width, hidden } = config;
  const epsilon = config.epsilon ?? BERT_EPSILON;
  const plus = (site: 'qkv' | 'out' | 'up' | 'down', given: Tensor, y: Tensor): Tensor => {
    const delta = hooks.delta?.(layer, site, given);
    return delta ? add(y, delta) : y;
  };
  const qkv = plus('qkv', x, linear(within(parameters, 'qkv'), x, width, 3 * width));
  const [q, k, v] = toHeads(qkv, { ...shape, parts: 3 }) as [Tensor, Tensor, Tensor];
  const mixed = attention(q, k, v, mask);
  const out = plus('out', mixed, linear(within(parameters, 'out'), mixed, width, width));
  const attended = layerNorm(within(parameters, 'norm1'), add(x, out), epsilon);
  const up = plus('up', attended, linear(within(parameters, 'up'), attended, width, hidden));
  const active = activations[config.activation](up);
  const down = plus('down', active, linear(within(parameters, 'down'), active, hidden, width));
  return layerNorm(within(parameters, 'norm2'), add(attended, down), epsilon);
}

/** Inputs of a session over {@link bertTower}. */
export function bertFeeds({ ids, lengths }: TokenBatch, context: number): Record<string, HostTensor> {
  const texts = lengths.length;
  const mask = new Float32Array(texts * context);
  for (const [text, length] of lengths.entries()) mask.fill(1, text * context, text * context + length);
  return { ids: int64(ids, [texts, context]), mask: hostTensor('float32', mask, [texts, context]) };
}
