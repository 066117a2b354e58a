import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { initialise, type Parameter, type ParameterMap } from '../../nn/parameters.js';
import { createRandom } from '../../random.js';
import { parseTokenizerJson } from '../../text/load-tokenizer.js';
import type { TokenizerJson } from '../../text/tokenizer-json.js';
import type { BundleManifest } from '../../weights/bundle-manifest.js';
import { hashFile } from '../../weights/hash-file.js';
import { type ModelBundle, writeBundle } from '../../weights/model-bundle.js';
import { readPytorchCheckpoint } from '../../weights/pytorch-checkpoint.js';
import { readSafetensors } from '../../weights/read-safetensors.js';
import { bertMapping, foldTokenType } from '../bert/bert-weights.js';
import { readMappedWeights } from '../map-weights.js';
import { ModelError } from '../model-error.js';
import { writeSmallWeights } from '../small/export-small.js';
import { type EyeConfig, eyeSizes, vectorLength } from './config.js';
import { readEfficientNetLite } from './efficientnet-lite.js';
import { EYE_TYPE } from './eye-backbone.js';
import { eyeHeadSpecs } from './image-tower.js';
import { textHeadSpecs } from './text-tower.js';

export interface ImportEyeOptions {
  /** An EfficientNet-Lite as PyTorch saves it. */
  readonly trunk: string;
  /** Folder of a sentence encoder: `config.json`, `model.safetensors`, `tokenizer.json`. */
  readonly text: string;
  /** Bundle to write. */
  readonly out: string;
  readonly name: string;
  /** Of the heads, which are fresh. */
  readonly seed: number;
}

export const EYE_LICENCE =
  'Apache-2.0: image trunk EfficientNet-Lite (ImageNet), sentence encoder all-MiniLM-L6-v2, and what this project trained on them; the training photos keep their own terms (see the model card)';

const bertConfigSchema = z.looseObject({
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  intermediate_size: z.int().positive(),
  hidden_act: z.literal('gelu'),
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive(),
});

/** Tokens of a text that are read: queries have 3 to 15 and captions 10 to 25; every one costs time, padding too. */
const CONTEXT = 32;

/** Puts pretrained weights into a bundle of ours: the trunk with its batch normalisations folded, the sentence encoder,
 *  and fresh heads for `train-base` to train. Everything that was read is named with its sha256 in the manifest.
 *  @throws {ModelError} for a folder that holds no such encoder. @throws {WeightsFormatError} for a damaged file. */
export async function importEye(options: ImportEyeOptions): Promise<ModelBundle> {
  const eye = await readTrunk(options.trunk);
  const words = await readSentenceEncoder(options.text);
  const { layers, width } = words.shape;
  const config: EyeConfig = {
    model_type: 'freestyle-eye',
    embedding: eyeSizes.embedding,
    image: { ...eyeSizes.image, trunk: eye.config },
    text: { ...words.shape, context: CONTEXT, read: [0, layers / 2, layers], head: 2 * width },
  };
  const fresh = initialise(
    { ...eyeHeadSpecs('image', config), ...textHeadSpecs('text', config) },
    createRandom(`${options.seed}:eye`),
  );
  const weights = new Map<string, Parameter>([
    ...[...eye.weights].map(([name, weight]) => [`image.trunk.${name}`, weight] as const),
    ...words.weights,
    ...fresh,
  ]);
  const sources = {
    trunk: { file: baseName(options.trunk), sha256: await hashFile(options.trunk) },
    text: { file: 'model.safetensors', sha256: await hashFile(join(options.text, 'model.safetensors')) },
  };
  return writeEyeBundle(options.out, {
    name: options.name,
    config,
    weights,
    tokenizer: words.tokenizer,
    training: { sources, seed: options.seed },
    evaluation: {},
  });
}

export interface EyeExport {
  readonly name: string;
  readonly config: EyeConfig;
  readonly weights: ParameterMap;
  readonly tokenizer: TokenizerJson;
  readonly training: BundleManifest['training'];
  readonly evaluation: BundleManifest['evaluation'];
}

/** Writes a backbone of this kind: large matrices as bytes with a scale a row, the rest in half precision. */
export async function writeEyeBundle(folder: string, eye: EyeExport): Promise<ModelBundle> {
  await mkdir(folder, { recursive: true });
  const isOurs = (name: string) => /^(image|text)\./.test(name);
  await writeSmallWeights(join(folder, 'weights.safetensors'), eye.weights, isOurs);
  await writeFile(join(folder, 'tokenizer.json'), `${JSON.stringify(eye.tokenizer)}\n`);
  const { size, trunk } = eye.config.image;
  const manifest = {
    name: eye.name,
    modelType: EYE_TYPE,
    backbone: null,
    dimensions: vectorLength(eye.config),
    config: eye.config,
    preprocessing: { size, resize: 'squash', mean: trunk.mean, scale: trunk.scale },
    tokenizer: 'tokenizer.json',
    licence: EYE_LICENCE,
    training: eye.training,
    evaluation: eye.evaluation,
  };
  return writeBundle(folder, manifest, ['weights.safetensors', 'tokenizer.json']);
}

async function readTrunk(path: string) {
  const tensors = await readPytorchCheckpoint(path);
  return readEfficientNetLite(tensors).finally(() => tensors.close());
}

async function readSentenceEncoder(folder: string) {
  const config = await readJson(folder, 'config.json');
  const parsed = bertConfigSchema.safeParse(config);
  if (!parsed.success)
    throw new ModelError('MODEL_CONFIG', folder, `config.json: ${z.prettifyError(parsed.error)}`);
  const bert = parsed.data;
  const shape = {
    vocabulary: bert.vocab_size,
    positions: bert.max_position_embeddings,
    width: bert.hidden_size,
    layers: bert.num_hidden_layers,
    heads: bert.num_attention_heads,
    hidden: bert.intermediate_size,
    activation: 'gelu' as const,
  };
  const tokenizer = parseTokenizerJson(
    await readJson(folder, 'tokenizer.json'),
    join(folder, 'tokenizer.json'),
  );
  const tensors = await readSafetensors(join(folder, 'model.safetensors'));
  try {
    const theirs = tensors.has('bert.embeddings.word_embeddings.weight') ? 'bert' : '';
    const weights = await readMappedWeights(tensors, bertMapping('text.bert', theirs, shape.layers));
    await foldTokenType(weights, 'text.bert', tensors, theirs);
    // Texts are cut by the tower and padded by the batch, so the file says neither.
    return { shape, weights, tokenizer: { ...tokenizer, truncation: null } };
  } finally {
    await tensors.close();
  }
}

async function readJson(folder: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8'));
  } catch (cause) {
    throw new ModelError('MODEL_FILES', folder, `has no readable ${file}`, cause);
  }
}

const baseName = (path: string): string => path.split('/').at(-1) ?? path;
