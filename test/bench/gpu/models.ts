import { defaultSmallConfig } from '../../../packages/core/src/models/small/config.js';
import { imageTower, imageTowerSpecs } from '../../../packages/core/src/models/small/image-tower.js';
import { type VitConfig, vitTokens, vitTower } from '../../../packages/core/src/models/vit-tower.js';
import { layerNormSpecs } from '../../../packages/core/src/nn/layer-norm.js';
import { linearSpecs } from '../../../packages/core/src/nn/linear.js';
import {
  type ParameterSource,
  type ParameterSpec,
  within,
} from '../../../packages/core/src/nn/parameters.js';
import { transformerSpecs } from '../../../packages/core/src/nn/transformer.js';
import type { Tensor } from '../../../packages/core/src/onnx/graph.js';
import { cast, div, sub, transpose } from '../../../packages/core/src/onnx/ops/index.js';

/** An image encoder to be timed: pictures as bytes in, embeddings out. */
export interface BenchModel {
  readonly name: string;
  /** Edge of the pictures in pixels. */
  readonly size: number;
  readonly embedding: number;
  readonly specs: Readonly<Record<string, ParameterSpec>>;
  /** @param pixels uint8 `[batch, size, size, 3]`. @returns `[batch, embedding]`. */
  readonly build: (source: ParameterSource, pixels: Tensor) => Tensor;
  /** The same shape for the PyTorch peer. */
  readonly torch: Readonly<Record<string, unknown>>;
}

const small: BenchModel = {
  name: 'bundled',
  size: defaultSmallConfig.image.size,
  embedding: defaultSmallConfig.embedding,
  specs: imageTowerSpecs('image', defaultSmallConfig),
  build: (source, pixels) => imageTower(within(source, 'image'), pixels, defaultSmallConfig).embedding,
  torch: { kind: 'small', ...defaultSmallConfig.image, embedding: defaultSmallConfig.embedding },
};

/** The vision transformer of CLIP ViT-B with patches of `patch` pixels. */
function vitB(patch: number): BenchModel {
  const config: VitConfig = {
    imageSize: 224,
    patchSize: patch,
    width: 768,
    layers: 12,
    heads: 12,
    hidden: 3072,
    activation: 'quick_gelu',
    projection: 512,
    hasPreNorm: true,
    hasPatchBias: false,
    hasProjectionBias: false,
  };
  const { width } = config;
  return {
    name: `vit-b-${patch}`,
    size: config.imageSize,
    embedding: config.projection,
    specs: {
      'image.patch.weight': { shape: [width, 3, patch, patch], init: 0.02 },
      'image.positions': { shape: [vitTokens(config), width], init: 0.02 },
      ...layerNormSpecs('image.preNorm', width),
      ...transformerSpecs('image', config),
      ...layerNormSpecs('image.postNorm', width),
      ...linearSpecs('image.projection', width, config.projection, { bias: false }),
    },
    build: (source, pixels) => {
      const planes = transpose(cast(pixels, 'float32'), [0, 3, 1, 2]);
      return vitTower(within(source, 'image'), div(sub(planes, 127.5), 127.5), config);
    },
    torch: {
      kind: 'vit',
      size: config.imageSize,
      patch,
      width,
      layers: config.layers,
      heads: config.heads,
      hidden: config.hidden,
      embedding: config.projection,
    },
  };
}

export const benchModels: readonly BenchModel[] = [small, vitB(32), vitB(16)];
