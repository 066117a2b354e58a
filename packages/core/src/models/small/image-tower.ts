import { layerNorm, layerNormSpecs } from '../../nn/layer-norm.js';
import { linear, linearSpecs } from '../../nn/linear.js';
import { type ParameterSource, type ParameterSpec, within } from '../../nn/parameters.js';
import { type TransformerHooks, transformer, transformerSpecs } from '../../nn/transformer.js';
import { type Dim, multiplyDims, staticDim } from '../../onnx/dims.js';
import { ShapeError } from '../../onnx/errors.js';
import type { Tensor } from '../../onnx/graph.js';
import {
  add,
  cast,
  conv,
  div,
  gather,
  reduceMean,
  relu,
  reshape,
  sub,
  transpose,
} from '../../onnx/ops/index.js';
import type { SmallConfig } from './config.js';

export interface ImageTowerOptions extends TransformerHooks {
  /** Rows of the `[batch·tokens, width]` patch matrix to keep, and how many of each picture: int64 `[batch·count]`. */
  readonly keep?: { readonly rows: Tensor; readonly count: number };
  /** What becomes of the output of one convolution of the stem, `[batch, channels, h, w]`, before its activation. */
  readonly stem?: (index: number, x: Tensor) => Tensor;
}

export interface ImageTowerOutput {
  /** `[batch, width]`: the mean of the last tokens after the last normalisation. */
  readonly pooled: Tensor;
  /** `[batch, embedding]`, not normalised. */
  readonly embedding: Tensor;
}

/** Patches on a side: every layer of the stem halves the picture. */
export const gridSize = (config: SmallConfig): number => config.image.size / 2 ** config.image.stem.length;

/** uint8 `[batch, size, size, 3]` → float32 `[batch, 3, size, size]` in [−1, 1]. */
export const normalisePixels = (pixels: Tensor): Tensor =>
  // Turned first, while a channel is one byte.
  div(sub(cast(transpose(pixels, [0, 3, 1, 2]), 'float32'), 127.5), 127.5);

/** The image tower: a convolutional stem (Xiao et al. 2021: early convolutions train better than a patch layer),
 *  learned positions, a pre-norm transformer, mean pooling, a linear map into the joint space.
 *  @param pixels uint8 `[batch, size, size, 3]`. */
export function imageTower(
  parameters: ParameterSource,
  pixels: Tensor,
  config: SmallConfig,
  options: ImageTowerOptions = {},
): ImageTowerOutput {
  const { image } = config;
  const batch = pixels.shape[0] ?? 1;
  const tokens = gridSize(config) ** 2;
  const patches = stem(parameters, normalisePixels(pixels), image.stem, batch, tokens, options.stem);
  const placed = reshape(
    add(reshape(patches, [batch, tokens, image.width]), parameters('positions', [tokens, image.width])),
    [multiplyDims(batch, tokens), image.width],
  );
  const kept = options.keep ? gather(placed, options.keep.rows) : placed;
  const count = options.keep?.count ?? tokens;
  const hidden = transformer(parameters, kept, image, batch, count, options);
  const normal = layerNorm(within(parameters, 'norm'), hidden);
  const pooled = reduceMean(reshape(normal, [batch, count, image.width]), { axes: [1] });
  const embedding = linear(within(parameters, 'projection'), pooled, image.width, config.embedding, {
    bias: false,
  });
  return { pooled, embedding };
}

function stem(
  parameters: ParameterSource,
  pixels: Tensor,
  widths: readonly number[],
  batch: Dim,
  tokens: number,
  change: ImageTowerOptions['stem'],
): Tensor {
  let x = pixels;
  widths.forEach((filters, index) => {
    const channels = staticDim(x.shape, 1, 'stem');
    const scope = within(parameters, `stem.${index}`);
    const out = conv(x, scope('weight', [filters, channels, 3, 3]), scope('bias', [filters]), {
      stride: 2,
      padding: 1,
    });
    const y = change ? change(index, out) : out;
    x = index < widths.length - 1 ? relu(y) : y;
  });
  const width = staticDim(x.shape, 1, 'stem');
  if (staticDim(x.shape, 2, 'stem') ** 2 !== tokens)
    throw new ShapeError('stem: the picture is no multiple of it');
  return reshape(transpose(reshape(x, [batch, width, tokens]), [0, 2, 1]), [
    multiplyDims(batch, tokens),
    width,
  ]);
}

/** Fresh weights of the image tower, named below `prefix`. */
export function imageTowerSpecs(prefix: string, config: SmallConfig): Record<string, ParameterSpec> {
  const { image } = config;
  const specs: Record<string, ParameterSpec> = {};
  let channels = 3;
  image.stem.forEach((filters, index) => {
    // He et al. 2015: √2 keeps the variance through ReLU.
    const init = Math.SQRT2 / Math.sqrt(channels * 9);
    specs[`${prefix}.stem.${index}.weight`] = { shape: [filters, channels, 3, 3], init };
    specs[`${prefix}.stem.${index}.bias`] = { shape: [filters], init: 'zeros' };
    channels = filters;
  });
  if (channels !== image.width)
    throw new ShapeError('the last layer of the stem must be as wide as the tower');
  return {
    ...specs,
    [`${prefix}.positions`]: { shape: [gridSize(config) ** 2, image.width], init: 0.02 },
    ...transformerSpecs(prefix, image),
    ...layerNormSpecs(`${prefix}.norm`, image.width),
    ...linearSpecs(`${prefix}.projection`, image.width, config.embedding, { bias: false }),
  };
}
