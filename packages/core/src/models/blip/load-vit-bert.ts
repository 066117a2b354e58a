import { readFile } from 'node:fs/promises';
import { CLIP_PREPROCESSING, type Preprocessing } from '../../image/preprocess.js';
import type { ParameterMap } from '../../nn/parameters.js';
import { input } from '../../onnx/graph.js';
import { bertTokenizerJson } from '../../text/bert-tokenizer-json.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import { readableLength, type Tokenizer } from '../../text/tokenizer.js';
import { cleanCaption } from '../albef/clean-caption.js';
import { inferVitBertConfig, readVitBertWeights, type TextLayers } from '../albef/vit-bert-checkpoint.js';
import { type BertConfig, bertFeeds, bertTower } from '../bert/bert-tower.js';
import { hashModel } from '../hash-model.js';
import { ModelError } from '../model-error.js';
import { type ModelFiles, readModelJson } from '../model-files.js';
import { openModelWeights } from '../open-model-weights.js';
import { readPreprocessing } from '../preprocessor-config.js';
import type { FrozenBackbone, TunableTextTower } from '../tunable-tower.js';
import { tunableVit } from '../tunable-vit.js';
import { parseBlipConfig, readBlipWeights, type VitBertConfig } from './hugging-face-blip.js';

const WEIGHT_FILES = ['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin'];

/** Opens BLIP's two towers: a Hugging Face `BlipForImageTextRetrieval` (`config.json`, weights, tokenizer), or the
 *  authors' own checkpoint (`model.pth` or `blip.pth`) beside a tokenizer.
 *  @throws {ModelError} @throws {WeightsFormatError} @throws {TokenizerError} */
export async function openBlip(files: ModelFiles): Promise<FrozenBackbone> {
  const configPath = await files.find('config.json');
  if (configPath === undefined) return openCheckpoint(files, 'blip', ['blip.pth', 'model.pth'], 'all');
  const config = parseBlipConfig(await readModelJson(files.name, configPath), files.name);
  const preprocessing = await readPreprocessing(files, squashed(config.image.imageSize));
  const { tensors, paths } = await openModelWeights(files, WEIGHT_FILES);
  const weights = await readBlipWeights(tensors, config).finally(() => tensors.close());
  return assemble(files, {
    family: 'blip',
    config,
    preprocessing,
    weights,
    paths,
    clean: (text) => text,
  });
}

/** Opens ALBEF's two towers from its checkpoint (`ALBEF.pth`, `albef.pth` or `model.pth`) beside BERT's tokenizer
 *  (`tokenizer.json` or `vocab.txt`).
 *  @throws {ModelError} @throws {WeightsFormatError} @throws {TokenizerError} */
export function openAlbef(files: ModelFiles): Promise<FrozenBackbone> {
  return openCheckpoint(files, 'albef', ['ALBEF.pth', 'albef.pth', 'model.pth'], 'before-fusion');
}

async function openCheckpoint(
  files: ModelFiles,
  family: string,
  names: readonly string[],
  textLayers: TextLayers,
): Promise<FrozenBackbone> {
  const { tensors, paths } = await openModelWeights(files, names);
  try {
    const config = inferVitBertConfig(tensors, textLayers);
    const weights = await readVitBertWeights(tensors, config);
    const preprocessing = squashed(config.image.imageSize);
    return await assemble(files, { family, config, preprocessing, weights, paths, clean: cleanCaption });
  } finally {
    await tensors.close();
  }
}

/** Both were trained and measured on squares made without a crop. */
export const squashed = (size: number): Preprocessing => ({
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

async function assemble(files: ModelFiles, parts: Assembly): Promise<FrozenBackbone> {
  const { family, config, preprocessing, weights, clean } = parts;
  const tokenizer = await openBertTokenizer(files);
  if (tokenizer.vocabSize > config.text.vocabulary) {
    throw new ModelError(
      'MODEL_FILES',
      files.name,
      `its tokenizer has ${tokenizer.vocabSize} tokens, the text tower only ${config.text.vocabulary}; they do not belong together`,
    );
  }
  return {
    name: `${family}:${files.name}`,
    hash: await hashModel({ type: family, config, preprocessing }, parts.paths),
    dimensions: config.text.projection,
    weights,
    image: tunableVit(config.image, preprocessing),
    text: bertText(config.text, tokenizer, clean),
    queryType: 'freestyle-query',
  };
}

export const bertText = (
  config: BertConfig,
  tokenizer: Tokenizer,
  clean: (text: string) => string,
): TunableTextTower => ({
  layers: config.layers,
  width: config.width,
  build(graph, parameters, batch, hooks) {
    const ids = input(graph, 'ids', [batch, config.context], 'int64');
    const mask = input(graph, 'mask', [batch, config.context]);
    return bertTower(parameters, ids, mask, config, hooks);
  },
  readable: (text) => readableLength(tokenizer, clean(text), config.context),
  feeds: (texts) => bertFeeds(tokenizer.encodeBatch(texts.map(clean), config.context), config.context),
});

async function openBertTokenizer(files: ModelFiles): Promise<Tokenizer> {
  const path = await files.require('tokenizer.json', 'vocab.txt');
  if (path.endsWith('.json')) return loadTokenizer(path);
  return loadTokenizer(bertTokenizerJson(await readFile(path, 'utf8')));
}
