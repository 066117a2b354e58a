import { resizeMatrix } from '../image/crop-resize.js';
import { normalisePixels } from '../models/small/image-tower.js';
import { linear, linearSpecs } from '../nn/linear.js';
import { type ParameterSource, type ParameterSpec, within } from '../nn/parameters.js';
import { staticDim } from '../onnx/dims.js';
import { constant, type Tensor } from '../onnx/graph.js';
import { add, conv, fusedMatMul, matMul, relu, reshape, sqrt } from '../onnx/ops/index.js';

/** Sizes of the compact style network: three convolutions, under a twentieth of the small image tower's work. */
export const styleNetwork = {
  /** Filters and stride of each 3×3 convolution. */
  layers: [
    { filters: 16, stride: 2 },
    { filters: 32, stride: 2 },
    { filters: 48, stride: 1 },
  ],
  /** Length of the Gram feature before it is reduced: the last filters squared. */
  energies: 48 * 48,
  /** Length of the reduced Gram feature. */
  width: 64,
} as const;

const lastFilters = styleNetwork.layers[styleNetwork.layers.length - 1]?.filters ?? 0;

/** Gram matrix of feature maps, `G = F Fᵀ / (C·H·W)` (Gatys et al. 2015): `[n, c, h, w] → [n, c, c]`. */
export function gramMatrix(features: Tensor): Tensor {
  const [channels, height, width] = [1, 2, 3].map((axis) =>
    staticDim(features.shape, axis, 'gramMatrix'),
  ) as [number, number, number];
  const flat = reshape(features, [features.shape[0] ?? 1, channels, height * width]);
  return fusedMatMul(flat, flat, { transB: true, alpha: 1 / (channels * height * width) });
}

/** The reduced Gram feature of a picture, as the teacher's (VGG's Gram matrix after PCA) is, by a network of ours.
 *  @param pixels uint8 `[batch, edge, edge, 3]`. @param size edge of the pictures that the network was trained on: those
 *  of a backbone that reads others are resized inside the graph. @returns `[batch, 64]`. */
export function styleFeatures(
  parameters: ParameterSource,
  pixels: Tensor,
  size = staticDim(pixels.shape, 1, 'styleFeatures'),
): Tensor {
  const energies = styleEnergies(parameters, pixels, size);
  return linear(within(parameters, 'reduce'), energies, styleNetwork.energies, styleNetwork.width);
}

/** What {@link styleFeatures} reduces: the square roots of the Gram matrix, `[batch, energies]`. */
export function styleEnergies(parameters: ParameterSource, pixels: Tensor, size: number): Tensor {
  let x = resizeSquare(normalisePixels(pixels), size);
  for (const [index, { filters, stride }] of styleNetwork.layers.entries()) {
    const channels = staticDim(x.shape, 1, 'styleFeatures');
    const scope = within(parameters, `conv.${index}`);
    const y = conv(x, scope('weight', [filters, channels, 3, 3]), scope('bias', [filters]), {
      stride,
      padding: 1,
    });
    x = relu(y);
  }
  const gram = gramMatrix(x);
  // The root makes correlations out of energies; the small number keeps its gradient finite at 0.
  return sqrt(add(reshape(gram, [pixels.shape[0] ?? 1, styleNetwork.energies]), 1e-6));
}

/** Bilinear, a wider triangle where it shrinks, as {@link resizeMatrix} has it: `[n, c, e, e] → [n, c, size, size]`. */
function resizeSquare(x: Tensor, size: number): Tensor {
  const edge = staticDim(x.shape, 2, 'styleFeatures');
  if (edge === size) return x;
  // R · X · Rᵀ: rows and columns are resized alike.
  const rows = constant(x.graph, resizeMatrix(edge, size), [size, edge]);
  return matMul(rows, fusedMatMul(x, rows, { transB: true }));
}

/** Fresh weights of the style network, named below `prefix`. */
export function styleNetworkSpecs(prefix: string): Record<string, ParameterSpec> {
  const specs: Record<string, ParameterSpec> = {};
  let channels = 3;
  for (const [index, { filters }] of styleNetwork.layers.entries()) {
    const init = Math.SQRT2 / Math.sqrt(channels * 9);
    specs[`${prefix}.conv.${index}.weight`] = { shape: [filters, channels, 3, 3], init };
    specs[`${prefix}.conv.${index}.bias`] = { shape: [filters], init: 'zeros' };
    channels = filters;
  }
  return { ...specs, ...linearSpecs(`${prefix}.reduce`, lastFilters * lastFilters, styleNetwork.width) };
}
