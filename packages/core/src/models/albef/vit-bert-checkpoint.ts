import type { Parameter } from '../../nn/parameters.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import { BERT_EPSILON, bertMapping, foldTokenType } from '../bert/bert-weights.js';
import { CAPTION_TOKENS, type VitBertConfig } from '../blip/hugging-face-blip.js';
import { blocksMapping, foldClassToken, layerMapping, readMappedWeights } from '../map-weights.js';
import { ModelError } from '../model-error.js';

/** Which layers of the BERT see a text alone: ALBEF's lower ones, without cross-attention, or all of BLIP's. */
export type TextLayers = 'before-fusion' | 'all';

/** Width of one attention head in every published ViT and BERT of this family. */
const HEAD_DIM = 64;

/** Epsilon of timm's vision transformer, which both models are built from. */
const VIT_EPSILON = 1e-6;

/** Reads the shape of a model in the authors' own naming (ALBEF, and BLIP before it came to Hugging Face) off its
 *  weights, since such checkpoints carry no configuration.
 *  @throws {ModelError} for a checkpoint of something else. */
export function inferVitBertConfig(
  tensors: TensorMap,
  textLayers: TextLayers,
  headDim = HEAD_DIM,
): VitBertConfig {
  const image = inferImage(tensors, headDim);
  const text = inferText(tensors, textLayers, headDim);
  const areWhole = [image.heads, text.heads, image.imageSize].every(Number.isInteger);
  if (!areWhole) {
    throw new ModelError(
      'MODEL_CONFIG',
      tensors.source,
      `towers of width ${image.width} and ${text.width} for pictures of ${image.imageSize} pixels are not those of ALBEF or BLIP`,
    );
  }
  return { image, text };
}

const dim = (tensors: TensorMap, name: string, axis: number): number =>
  tensors.info(name).shape.at(axis) ?? 0;

function inferImage(tensors: TensorMap, headDim: number): VitBertConfig['image'] {
  const width = dim(tensors, 'visual_encoder.cls_token', -1);
  const patchSize = dim(tensors, 'visual_encoder.patch_embed.proj.weight', -1);
  return {
    width,
    hidden: dim(tensors, 'visual_encoder.blocks.0.mlp.fc1.weight', 0),
    layers: countLayers(tensors, 'visual_encoder.blocks'),
    heads: width / headDim,
    activation: 'gelu',
    epsilon: VIT_EPSILON,
    // One position is the class token's.
    imageSize: Math.sqrt(dim(tensors, 'visual_encoder.pos_embed', 1) - 1) * patchSize,
    patchSize,
    projection: dim(tensors, 'vision_proj.weight', 0),
    hasPreNorm: false,
    hasPatchBias: true,
    hasProjectionBias: true,
  };
}

function inferText(tensors: TensorMap, textLayers: TextLayers, headDim: number): VitBertConfig['text'] {
  const text = textPrefix(tensors);
  const words = `${text}.embeddings.word_embeddings.weight`;
  const positions = dim(tensors, `${text}.embeddings.position_embeddings.weight`, 0);
  const layers = countLayers(tensors, `${text}.encoder.layer`);
  const hasFusion = (layer: number): boolean =>
    tensors.names().some((name) => name.startsWith(`${text}.encoder.layer.${layer}.crossattention.`));
  const own = Array.from({ length: layers }, (_, layer) => layer).filter((layer) => !hasFusion(layer)).length;
  return {
    width: dim(tensors, words, 1),
    hidden: dim(tensors, `${text}.encoder.layer.0.intermediate.dense.weight`, 0),
    layers: textLayers === 'all' ? layers : own,
    heads: dim(tensors, words, 1) / headDim,
    activation: 'gelu',
    epsilon: BERT_EPSILON,
    vocabulary: dim(tensors, words, 0),
    positions,
    context: Math.min(CAPTION_TOKENS, positions),
    projection: dim(tensors, 'text_proj.weight', 0),
  };
}

/** Weights of such a checkpoint under our names. Momentum copies, queues and the fusion layers stay in the file. */
export async function readVitBertWeights(
  tensors: TensorMap,
  config: VitBertConfig,
): Promise<Map<string, Parameter>> {
  const text = textPrefix(tensors);
  const weights = await readMappedWeights(tensors, {
    'image.class': 'visual_encoder.cls_token',
    'image.positions': 'visual_encoder.pos_embed',
    ...layerMapping('image.patch', 'visual_encoder.patch_embed.proj'),
    ...blocksMapping('image', config.image.layers, (layer) => {
      const at = `visual_encoder.blocks.${layer}`;
      return {
        norm1: `${at}.norm1`,
        norm2: `${at}.norm2`,
        qkv: `${at}.attn.qkv`,
        out: `${at}.attn.proj`,
        up: `${at}.mlp.fc1`,
        down: `${at}.mlp.fc2`,
      };
    }),
    ...layerMapping('image.postNorm', 'visual_encoder.norm'),
    ...layerMapping('image.projection', 'vision_proj'),
    ...bertMapping('text', text, config.text.layers),
    ...layerMapping('text.projection', 'text_proj'),
  });
  foldClassToken(weights, 'image');
  await foldTokenType(weights, 'text', tensors, text);
  return weights;
}

/** ALBEF's pre-training wraps the encoder in a language model, its retrieval checkpoints do not. */
function textPrefix(tensors: TensorMap): string {
  return tensors.has('text_encoder.bert.embeddings.word_embeddings.weight')
    ? 'text_encoder.bert'
    : 'text_encoder';
}

function countLayers(tensors: TensorMap, prefix: string): number {
  const numbers = tensors
    .names()
    .filter((name) => name.startsWith(`${prefix}.`))
    .map((name) => Number(name.slice(prefix.length + 1).split('.')[0]));
  return numbers.reduce((most, number) => Math.max(most, number + 1), 0);
}
