import type { Preprocessing } from '../../image/preprocess.js';
import { input } from '../../onnx/graph.js';
import { int64 } from '../../runtime/session.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { hashModel } from '../hash-model.js';
import { ModelError } from '../model-error.js';
import { type ModelFiles, readModelJson } from '../model-files.js';
import { openModelWeights } from '../open-model-weights.js';
import { readPreprocessing } from '../preprocessor-config.js';
import type { FrozenBackbone, TunableTextTower } from '../tunable-tower.js';
import { tunableTransformer } from '../tunable-vit.js';
import { parseSiglipConfig, readSiglipWeights } from './hugging-face-siglip.js';
import { siglipImageTower } from './siglip-image-tower.js';
import { type SiglipTextConfig, siglipTextTower } from './siglip-text-tower.js';

const WEIGHT_FILES = ['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin'];

/** SigLIP's own preprocessing: squeezed to a square, pixels in [−1, 1]. */
const preprocessingOf = (size: number): Preprocessing => ({
  size,
  resize: 'squash',
  kernel: 'bicubic',
  crop: 'none',
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  rescale: 1 / 255,
});

/** Opens a SigLIP, or a SigLIP 2 with pictures of one size, in Hugging Face's layout: `config.json`,
 *  `model.safetensors`, `tokenizer.json`.
 *  @throws {ModelError} @throws {WeightsFormatError} @throws {TokenizerError} */
export async function openSiglip(files: ModelFiles): Promise<FrozenBackbone> {
  const configPath = await files.require('config.json');
  const config = parseSiglipConfig(await readModelJson(files.name, configPath), files.name);
  const preprocessing = await readPreprocessing(files, preprocessingOf(config.image.imageSize));
  const tokenizer = await openTokenizer(files, config.text);
  const { tensors, paths } = await openModelWeights(files, WEIGHT_FILES);
  const weights = await readSiglipWeights(tensors, config).finally(() => tensors.close());
  const { image } = config;
  return {
    name: `siglip:${files.name}`,
    hash: await hashModel({ type: 'siglip', config, preprocessing }, paths),
    dimensions: image.width,
    weights,
    image: tunableTransformer(
      { ...image, embedding: image.width },
      preprocessing,
      (parameters, pixels, hooks) => siglipImageTower(parameters, pixels, image, hooks),
    ),
    text: siglipText(config.text, tokenizer),
    queryType: 'freestyle-query',
  };
}

const siglipText = (config: SiglipTextConfig, tokenizer: Tokenizer): TunableTextTower => ({
  layers: config.layers,
  width: config.width,
  build(graph, parameters, batch, hooks) {
    const ids = input(graph, 'ids', [batch, config.context], 'int64');
    return siglipTextTower(parameters, ids, config, hooks);
  },
  // SigLIP 2 was trained on text in lower case, and the first SigLIP's tokenizer lowers it by itself.
  feeds: (texts) => {
    const { ids } = tokenizer.encodeBatch(
      texts.map((text) => text.toLowerCase()),
      config.context,
    );
    return { ids: int64(ids, [texts.length, config.context]) };
  },
});

async function openTokenizer(files: ModelFiles, text: SiglipTextConfig): Promise<Tokenizer> {
  const path = await files.find('tokenizer.json');
  if (path === undefined) {
    const sentencePiece = (await files.find('spiece.model', 'tokenizer.model')) !== undefined;
    throw new ModelError(
      'MODEL_FILES',
      files.name,
      sentencePiece
        ? 'has its tokenizer only as a SentencePiece model; save it as tokenizer.json (AutoTokenizer.from_pretrained(…).save_pretrained(…))'
        : 'has no tokenizer.json',
    );
  }
  const tokenizer = await loadTokenizer(path);
  if (tokenizer.vocabSize > text.vocabulary) {
    throw new ModelError(
      'MODEL_FILES',
      files.name,
      `its tokenizer has ${tokenizer.vocabSize} tokens, the text tower only ${text.vocabulary}; they do not belong together`,
    );
  }
  return tokenizer;
}
