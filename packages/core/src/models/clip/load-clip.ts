import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CLIP_PREPROCESSING, type Preprocessing } from '../../image/preprocess.js';
import { input } from '../../onnx/graph.js';
import { clipTokenizerJson } from '../../text/clip-tokenizer-json.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import { readableLength, type Tokenizer } from '../../text/tokenizer.js';
import { hashModel } from '../hash-model.js';
import { ModelError } from '../model-error.js';
import { type ModelFiles, readModelJson } from '../model-files.js';
import { openModelWeights } from '../open-model-weights.js';
import { readPreprocessing } from '../preprocessor-config.js';
import type { FrozenBackbone, TunableTextTower } from '../tunable-tower.js';
import { tunableVit } from '../tunable-vit.js';
import { clipTextFeeds } from './clip-sessions.js';
import { type ClipTextConfig, clipTextTower } from './clip-text-tower.js';
import { type ClipConfig, parseClipConfig, readClipWeights } from './hugging-face-clip.js';
import { parseOpenClipConfig, readOpenClipWeights } from './open-clip.js';

const WEIGHT_FILES = ['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin'];
const OPEN_CLIP_WEIGHT_FILES = ['open_clip_model.safetensors', 'open_clip_pytorch_model.bin'];

/** Opens a CLIP model from its files: Hugging Face's layout (`config.json`, `model.safetensors`) or OpenCLIP's
 *  (`open_clip_config.json`, `open_clip_model.safetensors`), with `tokenizer.json` or `vocab.json` + `merges.txt`.
 *  @throws {ModelError} @throws {WeightsFormatError} @throws {TokenizerError} */
export async function openClip(files: ModelFiles): Promise<FrozenBackbone> {
  const other = await files.find('open_clip_config.json');
  const own = other === undefined ? await files.require('config.json') : await files.find('config.json');
  // Repositories that hold both describe one model twice; Hugging Face's names are the better defined.
  const isHuggingFace =
    own !== undefined && (other === undefined || (await holdsClipConfig(files.name, own)));
  const source = isHuggingFace ? await readHuggingFace(files, own) : await readOpenClip(files, other ?? '');
  const { config, preprocessing, weights, weightFiles } = source;
  const tokenizer = await openClipTokenizer(files);
  if (tokenizer.vocabSize > config.text.vocabulary) {
    throw new ModelError(
      'MODEL_FILES',
      files.name,
      `its tokenizer has ${tokenizer.vocabSize} tokens, the text tower only ${config.text.vocabulary}; they do not belong together`,
    );
  }
  return {
    name: `clip:${files.name}`,
    hash: await hashModel({ type: 'clip', config, preprocessing }, weightFiles),
    dimensions: config.image.projection,
    weights,
    image: tunableVit(config.image, preprocessing),
    text: clipText(config.text, tokenizer),
    queryType: 'freestyle-query',
  };
}

const clipText = (config: ClipTextConfig, tokenizer: Tokenizer): TunableTextTower => ({
  layers: config.layers,
  width: config.width,
  build(graph, parameters, batch, hooks) {
    const ids = input(graph, 'ids', [batch, config.context], 'int64');
    const ends = input(graph, 'ends', [batch], 'int64');
    return clipTextTower(parameters, ids, ends, config, hooks);
  },
  readable: (text) => readableLength(tokenizer, text, config.context),
  feeds: (texts) => clipTextFeeds(tokenizer.encodeBatch(texts, config.context).ids, config),
});

interface ClipSource {
  readonly config: ClipConfig;
  readonly preprocessing: Preprocessing;
  readonly weights: Awaited<ReturnType<typeof readClipWeights>>;
  readonly weightFiles: readonly string[];
}

async function holdsClipConfig(model: string, path: string): Promise<boolean> {
  const json = await readModelJson(model, path);
  return z.looseObject({ model_type: z.literal('clip') }).safeParse(json).success;
}

async function readHuggingFace(files: ModelFiles, configPath: string): Promise<ClipSource> {
  const config = parseClipConfig(await readModelJson(files.name, configPath), files.name);
  const preprocessing = await readPreprocessing(files, {
    ...CLIP_PREPROCESSING,
    size: config.image.imageSize,
  });
  const { tensors, paths } = await openModelWeights(files, WEIGHT_FILES);
  try {
    return { config, preprocessing, weights: await readClipWeights(tensors, config), weightFiles: paths };
  } finally {
    await tensors.close();
  }
}

async function readOpenClip(files: ModelFiles, configPath: string): Promise<ClipSource> {
  const { config, preprocessing } = parseOpenClipConfig(
    await readModelJson(files.name, configPath),
    files.name,
  );
  const { tensors, paths } = await openModelWeights(files, OPEN_CLIP_WEIGHT_FILES);
  try {
    return { config, preprocessing, weights: await readOpenClipWeights(tensors, config), weightFiles: paths };
  } finally {
    await tensors.close();
  }
}

async function openClipTokenizer(files: ModelFiles): Promise<Tokenizer> {
  const path = await files.find('tokenizer.json');
  if (path !== undefined) return loadTokenizer(path);
  const vocabPath = await files.require('vocab.json');
  const merges = await readFile(await files.require('merges.txt'), 'utf8');
  const vocab = z
    .record(z.string(), z.number().int().nonnegative())
    .safeParse(await readModelJson(files.name, vocabPath));
  if (!vocab.success)
    throw new ModelError('MODEL_CONFIG', files.name, 'vocab.json does not map tokens to ids');
  return loadTokenizer(clipTokenizerJson(merges, vocab.data));
}
