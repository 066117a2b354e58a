import { toHeads } from '../../nn/attention.js';
import { layerNorm } from '../../nn/layer-norm.js';
import { linear } from '../../nn/linear.js';
import { type ParameterSource, within } from '../../nn/parameters.js';
import {
  activations,
  type TransformerConfig,
  type TransformerHooks,
  transformer,
} from '../../nn/transformer.js';
import { type Dim, multiplyDims } from '../../onnx/dims.js';
import type { Tensor } from '../../onnx/graph.js';
import { add, conv, fusedMatMul, reshape, softmax, transpose } from '../../onnx/ops/index.js';

/** Shape of SigLIP's vision transformer. Its embedding is as long as its tokens. */
export interface SiglipImageConfig extends TransformerConfig {
  /** Edge of the square input in pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
}

/** SigLIP's image tower (Zhai et al. 2023): patches with bias, learned positions, no class token, pre-norm blocks,
 *  normalisation, attention pooling.
 *  Weights: `patch`, `positions`, `blocks.<n>`, `postNorm`, `pool.{probe,query,keyValue,out,norm,up,down}`.
 *  @param pixels float32 `[batch, 3, imageSize, imageSize]`, normalised.
 *  @returns `[batch, width]`, not normalised. */
export function siglipImageTower(
  parameters: ParameterSource,
  pixels: Tensor,
  config: SiglipImageConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const { width, patchSize, imageSize } = config;
  const batch = pixels.shape[0] ?? 1;
  const tokens = (imageSize / patchSize) ** 2;
  const patch = within(parameters, 'patch');
  const weight = patch('weight', [width, 3, patchSize, patchSize]);
  const grid = conv(pixels, weight, patch('bias', [width]), { stride: patchSize });
  const patches = transpose(reshape(grid, [batch, width, tokens]), [0, 2, 1]);
  const placed = reshape(add(patches, parameters('positions', [tokens, width])), [
    multiplyDims(batch, tokens),
    width,
  ]);
  const hidden = transformer(parameters, placed, config, batch, tokens, hooks);
  const normal = layerNorm(within(parameters, 'postNorm'), hidden, config.epsilon);
  return attentionPooling(within(parameters, 'pool'), normal, config, batch, tokens);
}

/** Multi-head attention pooling (Lee et al. 2019): one learned probe attends to all tokens, followed by a perceptron
 *  with a residual path.
 *  @param x `[batch·tokens, width]`. @returns `[batch, width]`. */
function attentionPooling(
  parameters: ParameterSource,
  x: Tensor,
  { width, heads, hidden, activation, epsilon }: SiglipImageConfig,
  batch: Dim,
  tokens: number,
): Tensor {
  const probe = linear(within(parameters, 'query'), parameters('probe', [1, width]), width, width);
  const [q] = toHeads(probe, { batch: 1, heads, tokens: 1 }) as [Tensor];
  const keyValue = linear(within(parameters, 'keyValue'), x, width, 2 * width);
  const [k, v] = toHeads(keyValue, { batch, heads, tokens, parts: 2 }) as [Tensor, Tensor];
  // One probe asks for every picture: its single row broadcasts over the batch.
  const weights = softmax(fusedMatMul(q, k, { transB: true, alpha: 1 / Math.sqrt(width / heads) }));
  const read = reshape(fusedMatMul(weights, v), [batch, width]);
  const out = linear(within(parameters, 'out'), read, width, width);
  const normal = layerNorm(within(parameters, 'norm'), out, epsilon);
  const active = activations[activation](linear(within(parameters, 'up'), normal, width, hidden));
  return add(out, linear(within(parameters, 'down'), active, hidden, width));
}
