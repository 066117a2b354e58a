import { z } from 'zod';
import type { Parameter } from '../../nn/parameters.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import { WeightsFormatError } from '../../weights/weights-error.js';
import { blocksMapping, layerMapping, readMappedWeights } from '../map-weights.js';
import { ModelError } from '../model-error.js';
import type { SiglipImageConfig } from './siglip-image-tower.js';
import type { SiglipTextConfig } from './siglip-text-tower.js';

/** Both towers of a SigLIP model. */
export interface SiglipConfig {
  readonly image: SiglipImageConfig;
  readonly text: SiglipTextConfig;
}

const size = (fallback: number) => z.number().int().positive().default(fallback);
const activation = z.enum(['gelu_pytorch_tanh', 'gelu', 'quick_gelu']).default('gelu_pytorch_tanh');

// Defaults of `SiglipTextConfig` and `SiglipVisionConfig`, which written files leave out.
const shared = {
  hidden_size: size(768),
  intermediate_size: size(3072),
  num_hidden_layers: size(12),
  num_attention_heads: size(12),
  hidden_act: activation,
  layer_norm_eps: z.number().positive().default(1e-6),
};
const textSchema = z.looseObject({
  ...shared,
  vocab_size: size(32000),
  max_position_embeddings: size(64),
  projection_size: z.number().int().positive().nullish(),
});
const visionSchema = z.looseObject({
  ...shared,
  image_size: size(224),
  patch_size: size(16),
  num_channels: z.literal(3).default(3),
  vision_use_head: z.literal(true).default(true),
});
const configSchema = z.looseObject({
  model_type: z.literal('siglip'),
  text_config: z.record(z.string(), z.unknown()).nullish(),
  vision_config: z.record(z.string(), z.unknown()).nullish(),
});

/** Reads the `config.json` of a Hugging Face `SiglipModel`: SigLIP, and SigLIP 2 with pictures of one size.
 *  @throws {ModelError} for another model, or a setting that cannot be built. */
export function parseSiglipConfig(json: unknown, where: string): SiglipConfig {
  const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new ModelError('MODEL_CONFIG', where, `config.json: ${z.prettifyError(parsed.error)}`);
  };
  refuseFlexibleSizes(json, where);
  const config = parse(configSchema, json);
  const text = parse(textSchema, config.text_config ?? {});
  const vision = parse(visionSchema, config.vision_config ?? {});
  if (vision.image_size % vision.patch_size !== 0) {
    throw new ModelError(
      'MODEL_CONFIG',
      where,
      `config.json: pictures of ${vision.image_size} pixels do not come apart into patches of ${vision.patch_size}`,
    );
  }
  const dimensions = text.projection_size ?? text.hidden_size;
  if (dimensions !== vision.hidden_size) {
    throw new ModelError(
      'MODEL_CONFIG',
      where,
      `config.json: texts become ${dimensions} numbers, pictures ${vision.hidden_size}; both must be as long`,
    );
  }
  return {
    image: { ...blocks(vision), imageSize: vision.image_size, patchSize: vision.patch_size },
    text: {
      ...blocks(text),
      vocabulary: text.vocab_size,
      context: text.max_position_embeddings,
      projection: dimensions,
    },
  };
}

function refuseFlexibleSizes(json: unknown, where: string): void {
  if (!z.looseObject({ model_type: z.literal('siglip2') }).safeParse(json).success) return;
  throw new ModelError(
    'MODEL_CONFIG',
    where,
    'this SigLIP 2 takes pictures of any shape ("naflex"), which cannot be built here; take one of a fixed size, such as google/siglip2-base-patch16-224',
  );
}

type BlockFields = z.infer<z.ZodObject<typeof shared>>;

const blocks = (fields: BlockFields) => ({
  width: fields.hidden_size,
  hidden: fields.intermediate_size,
  layers: fields.num_hidden_layers,
  heads: fields.num_attention_heads,
  activation: fields.hidden_act === 'gelu_pytorch_tanh' ? ('gelu_tanh' as const) : fields.hidden_act,
  epsilon: fields.layer_norm_eps,
});

/** Weights of a `SiglipModel` under our names: `image.…` and `text.…`. The scale and bias of its sigmoid loss turn a
 *  cosine into a probability and leave every ranking as it is, so they stay in the file. */
export async function readSiglipWeights(
  tensors: TensorMap,
  config: SiglipConfig,
): Promise<Map<string, Parameter>> {
  const head = 'vision_model.head';
  const weights = await readMappedWeights(tensors, {
    'image.positions': 'vision_model.embeddings.position_embedding.weight',
    ...layerMapping('image.patch', 'vision_model.embeddings.patch_embedding'),
    ...blocksMapping('image', config.image.layers, blockNames('vision_model')),
    ...layerMapping('image.postNorm', 'vision_model.post_layernorm'),
    'image.pool.probe': `${head}.probe`,
    'image.pool.in.weight': `${head}.attention.in_proj_weight`,
    'image.pool.in.bias': `${head}.attention.in_proj_bias`,
    ...layerMapping('image.pool.out', `${head}.attention.out_proj`),
    ...layerMapping('image.pool.norm', `${head}.layernorm`),
    ...layerMapping('image.pool.up', `${head}.mlp.fc1`),
    ...layerMapping('image.pool.down', `${head}.mlp.fc2`),
    'text.tokens': 'text_model.embeddings.token_embedding.weight',
    'text.positions': 'text_model.embeddings.position_embedding.weight',
    ...blocksMapping('text', config.text.layers, blockNames('text_model')),
    ...layerMapping('text.postNorm', 'text_model.final_layer_norm'),
    ...layerMapping('text.projection', 'text_model.head'),
  });
  splitPoolingMaps(weights, config.image.width, tensors.source);
  return weights;
}

/** The probe asks once and the tokens answer: the query map is parted from those of keys and values. */
function splitPoolingMaps(weights: Map<string, Parameter>, width: number, source: string): void {
  const probe = weights.get('image.pool.probe');
  if (probe?.data.length !== width)
    throw new WeightsFormatError(source, `expected a probe of ${width} numbers for pooling`);
  weights.set('image.pool.probe', { shape: [1, width], data: probe.data });
  for (const part of ['weight', 'bias']) {
    const joined = weights.get(`image.pool.in.${part}`);
    if (joined?.shape[0] !== 3 * width)
      throw new WeightsFormatError(source, `expected ${3 * width} rows in the pooling's input map`);
    const [, ...rest] = joined.shape;
    const rows = width * rest.reduce((product, extent) => product * extent, 1);
    weights.delete(`image.pool.in.${part}`);
    weights.set(`image.pool.query.${part}`, { shape: [width, ...rest], data: joined.data.slice(0, rows) });
    weights.set(`image.pool.keyValue.${part}`, {
      shape: [2 * width, ...rest],
      data: joined.data.slice(rows),
    });
  }
}

const blockNames = (tower: string) => (layer: number) => {
  const at = `${tower}.encoder.layers.${layer}`;
  return {
    norm1: `${at}.layer_norm1`,
    norm2: `${at}.layer_norm2`,
    qkv: [`${at}.self_attn.q_proj`, `${at}.self_attn.k_proj`, `${at}.self_attn.v_proj`] as const,
    out: `${at}.self_attn.out_proj`,
    up: `${at}.mlp.fc1`,
    down: `${at}.mlp.fc2`,
  };
};
