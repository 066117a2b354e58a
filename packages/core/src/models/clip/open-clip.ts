import { z } from 'zod';
import { CLIP_PREPROCESSING, type Preprocessing } from '../../image/preprocess.js';
import type { Parameter } from '../../nn/parameters.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import { blocksMapping, foldClassToken, layerMapping, readMappedWeights } from '../map-weights.js';
import { ModelError } from '../model-error.js';
import type { ClipConfig } from './hugging-face-clip.js';

const size = (fallback: number) => z.number().int().positive().default(fallback);
const off = z.union([z.literal(false), z.null()]).optional();

// OpenCLIP builds many other networks from the same file. Strict objects with a fixed value for every option that
// changes the network make sure that none of them is taken for a CLIP.
const visionSchema = z.strictObject({
  image_size: size(224),
  patch_size: size(16),
  width: size(768),
  layers: size(12),
  head_width: size(64),
  mlp_ratio: z.number().positive().default(4),
  pool_type: z.literal('tok').optional(),
  pos_embed_type: z.literal('learnable').optional(),
  ls_init_value: z.null().optional(),
  attentional_pool: off,
  no_ln_pre: off,
  final_ln_after_pool: off,
  output_tokens: off,
  // Training only.
  patch_dropout: z.number().optional(),
});
const textSchema = z.strictObject({
  context_length: size(77),
  vocab_size: size(49408),
  width: size(512),
  heads: size(8),
  layers: size(12),
  mlp_ratio: z.number().positive().default(4),
  pool_type: z.enum(['argmax', 'eos']).default('argmax'),
  eos_id: z.number().int().nonnegative().default(2),
  pad_id: z.number().int().nonnegative().optional(),
  proj_type: z.literal('linear').optional(),
  ls_init_value: z.null().optional(),
  proj_bias: off,
  embed_cls: off,
  no_causal_mask: off,
  final_ln_after_pool: off,
  output_tokens: off,
});
const triple = z.tuple([z.number(), z.number(), z.number()]);
const configSchema = z.looseObject({
  model_cfg: z.strictObject({
    embed_dim: size(512),
    vision_cfg: visionSchema,
    text_cfg: textSchema,
    quick_gelu: z.boolean().default(false),
    custom_text: z.boolean().optional(),
  }),
  preprocess_cfg: z
    .looseObject({
      mean: triple.default([...CLIP_PREPROCESSING.mean]),
      std: triple.default([...CLIP_PREPROCESSING.std]),
      interpolation: z.enum(['bicubic', 'bilinear']).default('bicubic'),
      resize_mode: z.enum(['shortest', 'squash']).default('shortest'),
    })
    .prefault({}),
});

/** Reads an `open_clip_config.json`.
 *  @throws {ModelError} naming the option, for a model that is not a plain CLIP with a vision transformer. */
export function parseOpenClipConfig(
  json: unknown,
  where: string,
): { readonly config: ClipConfig; readonly preprocessing: Preprocessing } {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const problem = z.prettifyError(parsed.error);
    throw new ModelError(
      'MODEL_CONFIG',
      where,
      `open_clip_config.json asks for what cannot be built here: ${problem}`,
    );
  }
  const { model_cfg: model, preprocess_cfg: pixels } = parsed.data;
  const { vision_cfg: vision, text_cfg: text } = model;
  const activation = model.quick_gelu ? ('quick_gelu' as const) : ('gelu' as const);
  return {
    config: {
      image: {
        width: vision.width,
        hidden: Math.trunc(vision.width * vision.mlp_ratio),
        layers: vision.layers,
        heads: Math.trunc(vision.width / vision.head_width),
        activation,
        imageSize: vision.image_size,
        patchSize: vision.patch_size,
        projection: model.embed_dim,
        hasPreNorm: true,
        hasPatchBias: false,
        hasProjectionBias: false,
      },
      text: {
        width: text.width,
        hidden: Math.trunc(text.width * text.mlp_ratio),
        layers: text.layers,
        heads: text.heads,
        activation,
        vocabulary: text.vocab_size,
        context: text.context_length,
        projection: model.embed_dim,
        end: text.pool_type === 'eos' ? { kind: 'token', id: text.eos_id } : { kind: 'largest-id' },
      },
    },
    preprocessing: {
      size: vision.image_size,
      resize: pixels.resize_mode === 'squash' ? 'squash' : 'shortest-edge',
      kernel: pixels.interpolation,
      crop: pixels.resize_mode === 'squash' ? 'none' : 'center',
      mean: pixels.mean,
      std: pixels.std,
      rescale: 1 / 255,
    },
  };
}

/** Weights of an OpenCLIP (or OpenAI) state dict under our names: `image.…` and `text.…`. */
export async function readOpenClipWeights(
  tensors: TensorMap,
  config: ClipConfig,
): Promise<Map<string, Parameter>> {
  // Models with `custom_text` keep the text tower below its own name.
  const text = tensors.has('text.token_embedding.weight') ? 'text.' : '';
  const weights = await readMappedWeights(tensors, {
    'image.class': 'visual.class_embedding',
    'image.positions': 'visual.positional_embedding',
    'image.patch.weight': 'visual.conv1.weight',
    ...layerMapping('image.preNorm', 'visual.ln_pre'),
    ...blocksMapping('image', config.image.layers, blockNames('visual.')),
    ...layerMapping('image.postNorm', 'visual.ln_post'),
    'image.projection.weight': { transposed: 'visual.proj' },
    'text.tokens': `${text}token_embedding.weight`,
    'text.positions': `${text}positional_embedding`,
    ...blocksMapping('text', config.text.layers, blockNames(text)),
    ...layerMapping('text.postNorm', `${text}ln_final`),
    'text.projection.weight': { transposed: `${text}text_projection` },
  });
  foldClassToken(weights, 'image');
  return weights;
}

const blockNames = (tower: string) => (layer: number) => {
  const at = `${tower}transformer.resblocks.${layer}`;
  return {
    norm1: `${at}.ln_1`,
    norm2: `${at}.ln_2`,
    qkv: { weight: `${at}.attn.in_proj_weight`, bias: `${at}.attn.in_proj_bias` },
    out: `${at}.attn.out_proj`,
    up: `${at}.mlp.c_fc`,
    down: `${at}.mlp.c_proj`,
  };
};
