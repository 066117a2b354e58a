import { type ParameterSource, within } from '../../nn/parameters.js';
import { staticDim } from '../../onnx/dims.js';
import { ShapeError } from '../../onnx/errors.js';
import type { Tensor } from '../../onnx/graph.js';
import { conv, maxPool, pad, relu } from '../../onnx/ops/index.js';

/** Convolutions of VGG-19 (Simonyan & Zisserman 2015) by block: filters of each 3×3 layer. */
const blocks: readonly (readonly number[])[] = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512, 512, 512, 512],
];

/** Names a cut may take: `conv1_1` … `conv5_4`. */
export const vggLayers: readonly string[] = blocks.flatMap((filters, block) =>
  filters.map((_, layer) => `conv${block + 1}_${layer + 1}`),
);

export interface VggOptions {
  /** The last layer that runs; its activation comes out. */
  readonly until: string;
  /** A 1×1 convolution on the pixels first, as the normalised VGG of style transfer has. */
  readonly preprocess?: boolean;
  /** Padding of the 3×3 convolutions: zeros as trained, or reflection as the normalised VGG uses. */
  readonly padding?: 'zeros' | 'reflect';
}

/** VGG-19 up to a layer, one pass. Weights are named `conv1_1.weight` and so on.
 *  @param pixels float32 `[batch, 3, h, w]`, in the range that the weights were trained with.
 *  @returns the activation after that layer's ReLU. @throws {ShapeError} for a layer that VGG-19 does not have. */
export function vgg19(parameters: ParameterSource, pixels: Tensor, options: VggOptions): Tensor {
  if (!vggLayers.includes(options.until)) {
    throw new ShapeError(`VGG-19 has no layer "${options.until}"; there are ${vggLayers.join(', ')}`);
  }
  let x = options.preprocess ? layer(within(parameters, 'preprocess'), pixels, 3, 1, 'zeros') : pixels;
  for (const [block, filters] of blocks.entries()) {
    if (block > 0) x = maxPool(x, 2);
    for (const [index, width] of filters.entries()) {
      const name = `conv${block + 1}_${index + 1}`;
      x = relu(layer(within(parameters, name), x, width, 3, options.padding ?? 'zeros'));
      if (name === options.until) return x;
    }
  }
  return x;
}

function layer(
  parameters: ParameterSource,
  x: Tensor,
  filters: number,
  kernel: number,
  padding: 'zeros' | 'reflect',
): Tensor {
  const channels = staticDim(x.shape, 1, 'VGG-19');
  const border = (kernel - 1) / 2;
  const edges = [0, 0, border, border];
  const reflected = padding === 'reflect' && border > 0 ? pad(x, edges, edges, 'reflect') : x;
  return conv(
    reflected,
    parameters('weight', [filters, channels, kernel, kernel]),
    parameters('bias', [filters]),
    { padding: padding === 'zeros' ? border : 0 },
  );
}
