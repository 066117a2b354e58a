import { fitToSquare, type Preprocessing } from '../image/preprocess.js';
import type { ParameterSource } from '../nn/parameters.js';
import { constant, type Tensor } from '../onnx/graph.js';
import { cast, mul, sub, transpose } from '../onnx/ops/index.js';
import type { ImageTowerHooks, TunableImageTower } from './tunable-tower.js';
import { type VitConfig, vitTower } from './vit-tower.js';

/** The vision transformer of a CLIP, BLIP or ALBEF as a tower that can be tuned. */
export const tunableVit = (config: VitConfig, preprocessing: Preprocessing): TunableImageTower =>
  tunableTransformer(
    { ...config, embedding: config.projection },
    preprocessing,
    (parameters, pixels, hooks) => vitTower(parameters, pixels, config, hooks),
  );

/** Any transformer over the patches of a square picture as a tower that can be tuned.
 *  @param build from pixels `[batch, 3, imageSize, imageSize]`, normalised, to `[batch, embedding]`. */
export function tunableTransformer(
  shape: {
    readonly imageSize: number;
    readonly layers: number;
    readonly width: number;
    readonly embedding: number;
  },
  preprocessing: Preprocessing,
  build: (parameters: ParameterSource, pixels: Tensor, hooks: ImageTowerHooks) => Tensor,
): TunableImageTower {
  return {
    size: shape.imageSize,
    layers: shape.layers,
    width: shape.width,
    embedding: shape.embedding,
    stem: [],
    preprocessing: { ...preprocessing, mean: [...preprocessing.mean], std: [...preprocessing.std] },
    build: (parameters, pixels, hooks) => build(parameters, normalise(pixels, preprocessing), hooks),
    fit: (image) => fitToSquare(image, preprocessing),
    square: (image, side) => fitToSquare(image, { ...preprocessing, size: side }),
  };
}

/** uint8 `[batch, size, size, 3]` → float32 `[batch, 3, size, size]`: `(pixel · rescale − mean) / std`. */
function normalise(pixels: Tensor, { mean, std, rescale }: Preprocessing): Tensor {
  const channels = (value: (channel: number) => number): Tensor =>
    constant(
      pixels.graph,
      Float32Array.from({ length: 3 }, (_, channel) => value(channel)),
      [3, 1, 1],
    );
  const planes = transpose(cast(pixels, 'float32'), [0, 3, 1, 2]);
  return mul(
    sub(
      planes,
      channels((c) => (mean[c] ?? 0) / rescale),
    ),
    channels((c) => rescale / (std[c] ?? 1)),
  );
}
