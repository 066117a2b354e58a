import { z } from 'zod';
import type { Parameter } from '../../nn/parameters.js';
import type { Activation } from '../../nn/transformer.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import { blocksMapping, foldClassToken, layerMapping, readMappedWeights } from '../map-weights.js';
import { ModelError } from '../model-error.js';
import type { VitConfig } from '../vit-tower.js';
import type { ClipTextConfig } from './clip-text-tower.js';

/** Both towers of a CLIP model. */
export interface ClipConfig {
  readonly image: VitConfig;
  readonly text: ClipTextConfig;
}

const size = (fallback: number) => z.number().int().positive().default(fallback);
const activation = z.enum(['quick_gelu', 'gelu']).default('quick_gelu');

// Files written by recent releases leave out what equals the class's default, so the defaults are those of
// `CLIPTextConfig` and `CLIPVisionConfig`.
const textSchema = z.looseObject({
  vocab_size: size(49408),
  hidden_size: size(512),
  intermediate_size: size(2048),
  num_hidden_layers: size(12),
  num_attention_heads: size(8),
  max_position_embeddings: size(77),
  hidden_act: activation,
  layer_norm_eps: z.number().positive().default(1e-5),
  eos_token_id: z.number().int().nonnegative().default(49407),
});
const visionSchema = z.looseObject({
  hidden_size: size(768),
  intermediate_size: size(3072),
  num_hidden_layers: size(12),
  num_attention_heads: size(12),
  image_size: size(224),
  patch_size: size(32),
  num_channels: z.literal(3).default(3),
  hidden_act: activation,
  layer_norm_eps: z.number().positive().default(1e-5),
});
const part = z.record(z.string(), z.unknown()).nullish();
const configSchema = z.looseObject({
  model_type: z.literal('clip'),
  projection_dim: size(512),
  text_config: part,
  text_config_dict: part,
  vision_config: part,
  vision_config_dict: part,
});

/** Reads the `config.json` of a Hugging Face `CLIPModel`.
 *  @throws {ModelError} for another model, or a setting that cannot be built. */
export function parseClipConfig(json: unknown, where: string): ClipConfig {
  const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw new ModelError('MODEL_CONFIG', where, `config.json: ${z.prettifyError(parsed.error)}`);
    }
    return parsed.data;
  };
  const config = parse(configSchema, json);
  // The `_dict` twins of early files override the others, as in the reference.
  const text = parse(textSchema, { ...config.text_config, ...config.text_config_dict });
  const vision = parse(visionSchema, { ...config.vision_config, ...config.vision_config_dict });
  return {
    image: {
      ...blocks(vision),
      imageSize: vision.image_size,
      patchSize: vision.patch_size,
      projection: config.projection_dim,
      hasPreNorm: true,
      hasPatchBias: false,
      hasProjectionBias: false,
    },
    text: {
      ...blocks(text),
      vocabulary: text.vocab_size,
      context: text.max_position_embeddings,
      projection: config.projection_dim,
      end: text.eos_token_id === 2 ? { kind: 'largest-id' } : { kind: 'token', id: text.eos_token_id },
    },
  };
}

interface BlockFields {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly hidden_act: Activation;
  readonly layer_norm_eps: number;
}

const blocks = (fields: BlockFields) => ({
  width: fields.hidden_size,
  hidden: fields.intermediate_size,
  layers: fields.num_hidden_layers,
  heads: fields.num_attention_heads,
  activation: fields.hidden_act,
  epsilon: fields.layer_norm_eps,
});

/** Weights of a `CLIPModel` under our names: `image.…` and `text.…`. */
export async function readClipWeights(
  tensors: TensorMap,
  config: ClipConfig,
): Promise<Map<string, Parameter>> {
  const weights = await readMappedWeights(tensors, {
    'image.class': 'vision_model.embeddings.class_embedding',
    'image.positions': 'vision_model.embeddings.position_embedding.weight',
    'image.patch.weight': 'vision_model.embeddings.patch_embedding.weight',
    // The reference spells it so.
    ...layerMapping('image.preNorm', 'vision_model.pre_layrnorm'),
    ...blocksMapping('image', config.image.layers, blockNames('vision_model')),
    ...layerMapping('image.postNorm', 'vision_model.post_layernorm'),
    'image.projection.weight': 'visual_projection.weight',
    'text.tokens': 'text_model.embeddings.token_embedding.weight',
    'text.positions': 'text_model.embeddings.position_embedding.weight',
    ...blocksMapping('text', config.text.layers, blockNames('text_model')),
    ...layerMapping('text.postNorm', 'text_model.final_layer_norm'),
    'text.projection.weight': 'text_projection.weight',
  });
  foldClassToken(weights, 'image');
  return weights;
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
