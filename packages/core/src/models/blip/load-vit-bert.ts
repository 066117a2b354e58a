import { readFile } from 'node:fs/promises';
import { CLIP_PREPROCESSING, type Preprocessing } from '../../image/preprocess.js';
import type { ParameterMap } from '../../nn/parameters.js';
import type { SessionOptions } from '../../runtime/session.js';
import { bertTokenizerJson } from '../../text/bert-tokenizer-json.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { cleanCaption } from '../albef/clean-caption.js';
import { inferVitBertConfig, readVitBertWeights, type TextLayers } from '../albef/vit-bert-checkpoint.js';
import { createBertSession } from '../bert/bert-session.js';
import { bertFeeds } from '../bert/bert-tower.js';
import { createVitSession } from '../clip/clip-sessions.js';
import { createDualEncoder } from '../dual-encoder.js';
import type { EmbeddingModel } from '../embedding-model.js';
import { hashModel } from '../hash-model.js';
import { ModelError } from '../model-error.js';
import { type ModelFiles, readModelJson } from '../model-files.js';
import { openModelWeights } from '../open-model-weights.js';
import { readPreprocessing } from '../preprocessor-config.js';
import { parseBlipConfig, readBlipWeights, type VitBertConfig } from './hugging-face-blip.js';

const WEIGHT_FILES = ['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin'];

/** Loads BLIP's two towers: a Hugging Face `BlipForImageTextRetrieval` (`config.json`, weights, tokenizer), or the
 *  authors' own checkpoint (`model.pth` or `blip.pth`) beside a tokenizer.
 *  @throws {ModelError} @throws {WeightsFormatError} @throws {TokenizerError} */
export async function loadBlip(files: ModelFiles, options: SessionOptions = {}): Promise<EmbeddingModel> {
  const configPath = await files.find('config.json');
  if (configPath === undefined)
    return loadCheckpoint(files, 'blip', ['blip.pth', 'model.pth'], 'all', options);
  const config = parseBlipConfig(await readModelJson(files.name, configPath), files.name);
  const preprocessing = await readPreprocessing(files, squashed(config.image.imageSize));
  const { tensors, paths } = await openModelWeights(files, WEIGHT_FILES);
  const weights = await readBlipWeights(tensors, config).finally(() => tensors.close());
  return assemble(
    files,
    { family: 'blip', config, preprocessing, weights, paths, clean: (text) => text },
    options,
  );
}

/** Loads ALBEF's two towers from its checkpoint (`ALBEF.pth`, `albef.pth` or `model.pth`) beside BERT's tokenizer
 *  (`tokenizer.json` or `vocab.txt`).
 *  @throws {ModelError} @throws {WeightsFormatError} @throws {TokenizerError} */
export function loadAlbef(files: ModelFiles, options: SessionOptions = {}): Promise<EmbeddingModel> {
  return loadCheckpoint(files, 'albef', ['ALBEF.pth', 'albef.pth', 'model.pth'], 'before-fusion', options);
}

async function loadCheckpoint(
  files: ModelFiles,
  family: string,
  names: readonly string[],
  textLayers: TextLayers,
  options: SessionOptions,
): Promise<EmbeddingModel> {
  const { tensors, paths } = await openModelWeights(files, names);
  try {
    const config = inferVitBertConfig(tensors, textLayers);
    const weights = await readVitBertWeights(tensors, config);
    const preprocessing = squashed(config.image.imageSize);
    return await assemble(
      files,
      { family, config, preprocessing, weights, paths, clean: cleanCaption },
      options,
    );
  } finally {
    await tensors.close();
  }
}

/** Both were trained and measured on squares made without a crop. */
const squashed = (size: number): Preprocessing => ({
  ...CLIP_PREPROCESSING,
  size,
  resize: 'squash',
  crop: 'none',
});

interface Assembly {
  readonly family: string;
  readonly config: VitBertConfig;
  readonly preprocessing: Preprocessing;
  readonly weights: ParameterMap;
  readonly paths: readonly string[];
  readonly clean: (text: string) => string;
}

async function assemble(
  files: ModelFiles,
  parts: Assembly,
  options: SessionOptions,
): Promise<EmbeddingModel> {
  const { family, config, preprocessing, weights, clean } = parts;
  const tokenizer = await openBertTokenizer(files);
  if (tokenizer.vocabSize > config.text.vocabulary) {
    throw new ModelError(
      'MODEL_FILES',
      files.name,
      `its tokenizer has ${tokenizer.vocabSize} tokens, the text tower only ${config.text.vocabulary}; they do not belong together`,
    );
  }
  const [hash, image, text] = await Promise.all([
    hashModel({ type: family, config, preprocessing }, parts.paths),
    createVitSession(weights, config.image, options),
    createBertSession(weights, config.text, options),
  ]);
  const { context, projection } = config.text;
  return createDualEncoder({
    name: `${family}:${files.name}`,
    hash,
    dimensions: projection,
    image,
    text,
    preprocessing,
    textFeeds: (texts) => bertFeeds(tokenizer.encodeBatch(texts.map(clean), context), context),
  });
}

async function openBertTokenizer(files: ModelFiles): Promise<Tokenizer> {
  const path = await files.require('tokenizer.json', 'vocab.txt');
  if (path.endsWith('.json')) return loadTokenizer(path);
  return loadTokenizer(bertTokenizerJson(await readFile(path, 'utf8')));
}
