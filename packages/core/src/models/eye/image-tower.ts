import { resizeMatrix } from '../../image/crop-resize.js';
import { l2Normalise } from '../../nn/l2-normalise.js';
import { layerNorm, layerNormSpecs } from '../../nn/layer-norm.js';
import { linear, linearSpecs } from '../../nn/linear.js';
import { type ParameterSource, type ParameterSpec, within } from '../../nn/parameters.js';
import { type TransformerHooks, transformer, transformerSpecs } from '../../nn/transformer.js';
import { type Dim, multiplyDims, staticDim } from '../../onnx/dims.js';
import { constant, type Tensor } from '../../onnx/graph.js';
import {
  add,
  cast,
  concat,
  div,
  fusedMatMul,
  gelu,
  matMul,
  mul,
  pad,
  reduceMean,
  reshape,
  sub,
  transpose,
} from '../../onnx/ops/index.js';
import type { ImageTowerHooks } from '../tunable-tower.js';
import { type EyeConfig, LAYOUT_TOKENS, patchesOnSide, tokensOf } from './config.js';
import { outlineNumbers, outlines } from './outlines.js';
import { fineChannels, trunk } from './trunk.js';

/** What the head reads of a picture. */
export interface EyeFeatures {
  /** `[batch, c, 2p, 2p]`, stride 16. */
  readonly fine: Tensor;
  /** `[batch, head, p, p]`, stride 32. */
  readonly coarse: Tensor;
  /** `[batch, 3, layout, layout]`: the picture shrunk, in [−1, 1]. */
  readonly layout: Tensor;
  /** `[batch, directions, cells, cells]`, see `outlines`; absent in models without that part, and where the parts for the
   *  look are not asked for. */
  readonly outlines?: Tensor;
}

/** The image tower: a pretrained trunk, its maps and the colour layout as tokens of a transformer, and beside it a
 *  perceptron on the pooled features and the layout, whose output the transformer's is added to.
 *  @param pixels uint8 `[batch, size, size, 3]`. @returns `[batch, vectorLength]`, not normalised. */
export function eyeImageTower(
  parameters: ParameterSource,
  pixels: Tensor,
  config: EyeConfig,
  hooks: ImageTowerHooks = {},
): Tensor {
  const features = eyeFeatures(parameters, pixels, config, hooks);
  return withLooks(parameters, eyeHead(parameters, features, config, hooks), features, config);
}

/** What is meant at unit length, and after it the looks: `W·l + b` at a fixed length, with the colour layout l and then
 *  the outlines. W whitens what it reads half, so that fine differences count beside sky above and grass below. */
function withLooks(
  parameters: ParameterSource,
  meant: Tensor,
  { layout, outlines: lines }: EyeFeatures,
  { image, strange }: EyeConfig,
): Tensor {
  const parts: Tensor[] = [];
  const look = (
    name: string,
    x: Tensor,
    numbers: number,
    { width, gain }: { width: number; gain: number },
  ) => {
    const flat = reshape(x, [x.shape[0] ?? 1, numbers]);
    parts.push(mul(l2Normalise(linear(within(parameters, name), flat, numbers, width)), gain));
  };
  if (image.appearance) look('appearance', layout, 3 * image.layout ** 2, image.appearance);
  if (image.outlines && lines) look('outlines', lines, outlineNumbers(image.outlines), image.outlines);
  const unit = l2Normalise(meant);
  return concat([strange ? pad(unit, [0, 0], [0, 1]) : unit, ...parts], 1);
}

/** Trunk and layout alone: what stays frozen in the gallery. */
export function eyeFeatures(
  parameters: ParameterSource,
  pixels: Tensor,
  config: EyeConfig,
  hooks: Pick<ImageTowerHooks, 'stem'> = {},
): EyeFeatures {
  const { mean, scale } = config.image.trunk;
  // Turned first, while a channel is one byte.
  const planes = cast(transpose(pixels, [0, 3, 1, 2]), 'float32');
  const maps = trunk(
    within(parameters, 'trunk'),
    div(sub(planes, mean), scale),
    config.image.trunk,
    hooks.stem,
  );
  const { size, outlines: shape } = config.image;
  return {
    ...maps,
    layout: colourLayout(planes, config),
    ...(shape ? { outlines: outlines(planes, size, shape) } : {}),
  };
}

/** Bilinear, a triangle as wide as the shrink: `R · X · Rᵀ`. */
function colourLayout(planes: Tensor, { image: { size, layout } }: EyeConfig): Tensor {
  const rows = constant(planes.graph, resizeMatrix(size, layout), [layout, size]);
  const small = matMul(rows, fusedMatMul(planes, rows, { transB: true }));
  return div(sub(small, 127.5), 127.5);
}

/** From maps and layout to the embedding. */
export function eyeHead(
  parameters: ParameterSource,
  features: EyeFeatures,
  config: EyeConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const pooled = reduceMean(features.coarse, { axes: [2, 3] });
  return add(
    pooledHead(parameters, pooled, features.layout, config),
    attendedHead(parameters, features, config, hooks),
  );
}

/** The transformer's part of the embedding. */
function attendedHead(
  parameters: ParameterSource,
  features: EyeFeatures,
  config: EyeConfig,
  hooks: TransformerHooks,
): Tensor {
  const { image, embedding } = config;
  const batch = features.coarse.shape[0] ?? 1;
  const tokens = tokensOf(config);
  const hidden = transformer(
    parameters,
    tokensFrom(parameters, features, config),
    image,
    batch,
    tokens,
    hooks,
  );
  const normal = layerNorm(within(parameters, 'norm'), hidden);
  const seen = reduceMean(reshape(normal, [batch, tokens, image.width]), { axes: [1] });
  return linear(within(parameters, 'projection'), seen, image.width, embedding, { bias: false });
}

/** The perceptron and the linear map beside it, on the standardised pooled features and the layout.
 *  @param pooled `[batch, head]`, the mean of the coarse map. */
export function pooledHead(
  parameters: ParameterSource,
  pooled: Tensor,
  layout: Tensor,
  config: EyeConfig,
): Tensor {
  const { image, embedding } = config;
  const channels = image.trunk.head;
  const colours = 3 * image.layout ** 2;
  const standard = mul(
    sub(pooled, parameters('pooled.mean', [channels])),
    parameters('pooled.scale', [channels]),
  );
  const x = concat([standard, reshape(layout, [layout.shape[0] ?? 1, colours])], 1);
  const width = channels + colours;
  const hidden = gelu(linear(within(parameters, 'head.up'), x, width, image.head));
  return add(
    linear(within(parameters, 'head.down'), hidden, image.head, embedding),
    linear(within(parameters, 'head.beside'), x, width, embedding, { bias: false }),
  );
}

/** `[batch·tokens, width]`: for each patch its coarse features and the fine ones below it, then the layout's quarters. */
function tokensFrom(
  parameters: ParameterSource,
  { fine, coarse, layout }: EyeFeatures,
  config: EyeConfig,
): Tensor {
  const { image } = config;
  const side = patchesOnSide(config);
  const batch = coarse.shape[0] ?? 1;
  const patches = side ** 2;
  const channels = staticDim(fine.shape, 1, 'eye tokens');
  const coarseRows = rowsOf(transpose(coarse, [0, 2, 3, 1]), batch, patches, image.trunk.head);
  const fineRows = quarters(fine, channels, side, batch, patches);
  const half = image.layout / 2;
  const layoutRows = blocks(layout, 3, 2, half, batch);
  const seen = add(
    linear(within(parameters, 'patch.coarse'), coarseRows, image.trunk.head, image.width),
    linear(within(parameters, 'patch.fine'), fineRows, 4 * channels, image.width, { bias: false }),
  );
  const coloured = linear(within(parameters, 'patch.layout'), layoutRows, 3 * half ** 2, image.width);
  const all = concat(
    [reshape(seen, [batch, patches, image.width]), reshape(coloured, [batch, LAYOUT_TOKENS, image.width])],
    1,
  );
  const tokens = patches + LAYOUT_TOKENS;
  return reshape(add(all, parameters('positions', [tokens, image.width])), [
    multiplyDims(batch, tokens),
    image.width,
  ]);
}

const rowsOf = (x: Tensor, batch: Dim, count: number, width: number): Tensor =>
  reshape(x, [multiplyDims(batch, count), width]);

/** The 2×2 fine features below each patch side by side. */
const quarters = (fine: Tensor, channels: number, side: number, batch: Dim, patches: number): Tensor =>
  rowsOf(blocks(fine, channels, side, 2, batch), batch, patches, 4 * channels);

/** Cuts `[batch, c, n·edge, n·edge]` into blocks: `[batch·n·n, c·edge·edge]`. */
function blocks(x: Tensor, channels: number, n: number, edge: number, batch: Dim): Tensor {
  const cut = transpose(reshape(x, [batch, channels, n, edge, n, edge]), [0, 2, 4, 1, 3, 5]);
  return rowsOf(cut, batch, n * n, channels * edge * edge);
}

/** Fresh weights of what is not pretrained, named below `prefix`. The transformer's part of the embedding starts at
 *  nothing, so that the perceptron leads. */
export function eyeHeadSpecs(prefix: string, config: EyeConfig): Record<string, ParameterSpec> {
  const { image, embedding } = config;
  const colours = 3 * image.layout ** 2;
  const pooled = image.trunk.head + colours;
  return {
    [`${prefix}.pooled.mean`]: { shape: [image.trunk.head], init: 'zeros' },
    [`${prefix}.pooled.scale`]: { shape: [image.trunk.head], init: 'ones' },
    ...(image.appearance ? linearSpecs(`${prefix}.appearance`, colours, image.appearance.width) : {}),
    ...(image.outlines
      ? linearSpecs(`${prefix}.outlines`, outlineNumbers(image.outlines), image.outlines.width)
      : {}),
    ...linearSpecs(`${prefix}.head.up`, pooled, image.head),
    ...linearSpecs(`${prefix}.head.down`, image.head, embedding),
    ...linearSpecs(`${prefix}.head.beside`, pooled, embedding, { bias: false }),
    ...linearSpecs(`${prefix}.patch.coarse`, image.trunk.head, image.width),
    ...linearSpecs(`${prefix}.patch.fine`, 4 * fineChannels(image.trunk), image.width, { bias: false }),
    ...linearSpecs(`${prefix}.patch.layout`, colours / LAYOUT_TOKENS, image.width),
    [`${prefix}.positions`]: { shape: [tokensOf(config), image.width], init: 0.02 },
    ...transformerSpecs(prefix, image),
    ...layerNormSpecs(`${prefix}.norm`, image.width),
    [`${prefix}.projection.weight`]: { shape: [embedding, image.width], init: 'zeros' },
  };
}
