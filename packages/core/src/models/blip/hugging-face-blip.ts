import { z } from 'zod';
import type { Parameter } from '../../nn/parameters.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import type { BertConfig } from '../bert/bert-tower.js';
import { bertMapping } from '../bert/bert-weights.js';
import { blocksMapping, foldClassToken, layerMapping, readMappedWeights } from '../map-weights.js';
import { ModelError } from '../model-error.js';
import type { VitConfig } from '../vit-tower.js';

/** A vision transformer and a BERT over one embedding space: the contrastive half of BLIP and ALBEF. */
export interface VitBertConfig {
  readonly image: VitConfig;
  readonly text: BertConfig;
}

/** Tokens of a text. Captions of the data that these models were trained on have at most 30 words. */
export const CAPTION_TOKENS = 64;

const size = (fallback: number) => z.number().int().positive().default(fallback);

// Defaults of `BlipTextConfig` and `BlipVisionConfig`, which written files leave out.
const textSchema = z.looseObject({
  vocab_size: size(30524),
  hidden_size: size(768),
  intermediate_size: size(3072),
  num_hidden_layers: size(12),
  num_attention_heads: size(8),
  max_position_embeddings: size(512),
  hidden_act: z.enum(['gelu', 'relu']).default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-12),
});
const visionSchema = z.looseObject({
  hidden_size: size(768),
  intermediate_size: size(3072),
  num_hidden_layers: size(12),
  num_attention_heads: size(12),
  image_size: size(384),
  patch_size: size(16),
  hidden_act: z.enum(['gelu', 'quick_gelu']).default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});
const configSchema = z.looseObject({
  model_type: z.literal('blip'),
  image_text_hidden_size: size(256),
  text_config: textSchema.prefault({}),
  vision_config: visionSchema.prefault({}),
});

/** Reads the `config.json` of a Hugging Face `BlipForImageTextRetrieval`.
 *  @throws {ModelError} for another model, or a setting that cannot be built. */
export function parseBlipConfig(json: unknown, where: string): VitBertConfig {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success)
    throw new ModelError('MODEL_CONFIG', where, `config.json: ${z.prettifyError(parsed.error)}`);
  const { text_config: text, vision_config: vision, image_text_hidden_size: projection } = parsed.data;
  return {
    image: {
      width: vision.hidden_size,
      hidden: vision.intermediate_size,
      layers: vision.num_hidden_layers,
      heads: vision.num_attention_heads,
      activation: vision.hidden_act,
      epsilon: vision.layer_norm_eps,
      imageSize: vision.image_size,
      patchSize: vision.patch_size,
      projection,
      hasPreNorm: false,
      hasPatchBias: true,
      hasProjectionBias: true,
    },
    text: {
      width: text.hidden_size,
      hidden: text.intermediate_size,
      layers: text.num_hidden_layers,
      heads: text.num_attention_heads,
      activation: text.hidden_act,
      epsilon: text.layer_norm_eps,
      vocabulary: text.vocab_size,
      positions: text.max_position_embeddings,
      context: Math.min(CAPTION_TOKENS, text.max_position_embeddings),
      projection,
    },
  };
}

/** Weights of a `BlipForImageTextRetrieval` under our names. The cross-attention and the matching head, which score
 *  one pair at a time, are not part of an embedding and stay in the file. */
export async function readBlipWeights(
  tensors: TensorMap,
  config: VitBertConfig,
): Promise<Map<string, Parameter>> {
  const weights = await readMappedWeights(tensors, {
    'image.class': 'vision_model.embeddings.class_embedding',
    'image.positions': 'vision_model.embeddings.position_embedding',
    ...layerMapping('image.patch', 'vision_model.embeddings.patch_embedding'),
    ...blocksMapping('image', config.image.layers, (layer) => {
      const at = `vision_model.encoder.layers.${layer}`;
      return {
        norm1: `${at}.layer_norm1`,
        norm2: `${at}.layer_norm2`,
        qkv: `${at}.self_attn.qkv`,
        out: `${at}.self_attn.projection`,
        up: `${at}.mlp.fc1`,
        down: `${at}.mlp.fc2`,
      };
    }),
    ...layerMapping('image.postNorm', 'vision_model.post_layernorm'),
    ...layerMapping('image.projection', 'vision_proj'),
    ...bertMapping('text', 'text_encoder', config.text.layers),
    ...layerMapping('text.projection', 'text_proj'),
  });
  foldClassToken(weights, 'image');
  return weights;
}
