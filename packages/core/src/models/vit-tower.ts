import { layerNorm } from '../nn/layer-norm.js';
import { linear } from '../nn/linear.js';
import { type ParameterSource, within } from '../nn/parameters.js';
import { type TransformerConfig, type TransformerHooks, transformer } from '../nn/transformer.js';
import { multiplyDims } from '../onnx/dims.js';
import type { Tensor } from '../onnx/graph.js';
import { add, conv, pad, reshape, slice, transpose } from '../onnx/ops/index.js';

/** Shape of a vision transformer that is read at its class token. */
export interface VitConfig extends TransformerConfig {
  /** Edge of the square input in pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
  /** Length of the embedding. */
  readonly projection: number;
  /** A normalisation before the first block (CLIP). */
  readonly hasPreNorm: boolean;
  /** A bias on the patch layer (BLIP, ALBEF). */
  readonly hasPatchBias: boolean;
  /** A bias on the projection (BLIP, ALBEF). */
  readonly hasProjectionBias: boolean;
}

/** Tokens of a picture, the class token included. */
export const vitTokens = (config: VitConfig): number => (config.imageSize / config.patchSize) ** 2 + 1;

/** Vision transformer (Dosovitskiy et al. 2021) as CLIP, BLIP and ALBEF use it: patches, class token, learned
 *  positions, pre-norm blocks, normalisation of the class token, projection.
 *  Weights: `patch`, `positions` (the class embedding added to row 0), `preNorm`, `blocks.<n>`, `postNorm`, `projection`.
 *  @param pixels float32 `[batch, 3, imageSize, imageSize]`, normalised.
 *  @returns `[batch, projection]`, not normalised. */
export function vitTower(
  parameters: ParameterSource,
  pixels: Tensor,
  config: VitConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const { width, projection, epsilon } = config;
  const batch = pixels.shape[0] ?? 1;
  const tokens = vitTokens(config);
  const placed = embedPatches(parameters, pixels, config);
  const first = config.hasPreNorm ? layerNorm(within(parameters, 'preNorm'), placed, epsilon) : placed;
  const hidden = transformer(parameters, first, config, batch, tokens, hooks);
  const classToken = slice(reshape(hidden, [batch, tokens, width]), [{ axis: 1, start: 0, end: 1 }]);
  const pooled = layerNorm(within(parameters, 'postNorm'), reshape(classToken, [batch, width]), epsilon);
  return linear(within(parameters, 'projection'), pooled, width, projection, {
    bias: config.hasProjectionBias,
  });
}

/** `[batch·tokens, width]`: the class token, then the patches row by row, with their positions. */
function embedPatches(parameters: ParameterSource, pixels: Tensor, config: VitConfig): Tensor {
  const { width, patchSize } = config;
  const batch = pixels.shape[0] ?? 1;
  const tokens = vitTokens(config);
  const patch = within(parameters, 'patch');
  const bias = config.hasPatchBias ? patch('bias', [width]) : null;
  const grid = conv(pixels, patch('weight', [width, 3, patchSize, patchSize]), bias, { stride: patchSize });
  const patches = transpose(reshape(grid, [batch, width, tokens - 1]), [0, 2, 1]);
  // A row of zeros in front; its position carries the class embedding.
  const withClass = pad(patches, [0, 1, 0], [0, 0, 0]);
  const placed = add(withClass, parameters('positions', [tokens, width]));
  return reshape(placed, [multiplyDims(batch, tokens), width]);
}
