import type { Parameter } from '../../nn/parameters.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import { blocksMapping, layerMapping, type WeightMapping } from '../map-weights.js';

/** `layer_norm_eps` of every published BERT. */
export const BERT_EPSILON = 1e-12;

const below = (name: string): string => (name === '' ? '' : `${name}.`);

/** Mapping of a BERT text encoder (without pooler) below `prefix`, by Hugging Face's names below `theirs`; the empty name
 *  for a file that holds nothing else. */
export function bertMapping(prefix: string, theirs: string, layers: number): WeightMapping {
  const root = below(theirs);
  return {
    [`${prefix}.tokens`]: `${root}embeddings.word_embeddings.weight`,
    [`${prefix}.positions`]: `${root}embeddings.position_embeddings.weight`,
    ...layerMapping(`${prefix}.embeddingNorm`, `${root}embeddings.LayerNorm`),
    ...blocksMapping(prefix, layers, (layer) => {
      const at = `${root}encoder.layer.${layer}`;
      const self = `${at}.attention.self`;
      return {
        qkv: [`${self}.query`, `${self}.key`, `${self}.value`] as const,
        out: `${at}.attention.output.dense`,
        norm1: `${at}.attention.output.LayerNorm`,
        up: `${at}.intermediate.dense`,
        down: `${at}.output.dense`,
        norm2: `${at}.output.LayerNorm`,
      };
    }),
  };
}

/** Adds the embedding of the first token type, which every token of a single text has, to all positions.
 *  Encoders without token types (BLIP's) are left alone. */
export async function foldTokenType(
  weights: Map<string, Parameter>,
  prefix: string,
  tensors: TensorMap,
  theirs: string,
): Promise<void> {
  const name = `${below(theirs)}embeddings.token_type_embeddings.weight`;
  const positions = weights.get(`${prefix}.positions`);
  if (!tensors.has(name) || !positions) return;
  const types = await tensors.float32(name);
  const width = positions.shape[1] ?? 1;
  const data = positions.data.map((value, i) => value + (types[i % width] ?? 0));
  weights.set(`${prefix}.positions`, { shape: positions.shape, data });
}
