import { cropResize } from '../../image/crop-resize.js';
import { input } from '../../onnx/graph.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import { readableLength, type Tokenizer } from '../../text/tokenizer.js';
import type { ModelBundle } from '../../weights/model-bundle.js';
import { bertFeeds } from '../bert/bert-tower.js';
import { ModelError } from '../model-error.js';
import { fitPicture } from '../small/fit-picture.js';
import { readBundleWeights } from '../small/read-small-bundle.js';
import type { FrozenBackbone, TunableImageTower, TunableTextTower } from '../tunable-tower.js';
import { type EyeConfig, eyeConfigSchema, looksOf, vectorLength } from './config.js';
import { eyeImageTower } from './image-tower.js';
import { eyeTextTower } from './text-tower.js';
import { isLateWeight } from './trunk.js';

export const EYE_TYPE = 'freestyle-eye';
export const EYE_QUERY_TYPE = 'freestyle-eye-query';

/** The image tower as one that can be tuned. */
export const eyeTunableImage = (config: EyeConfig): TunableImageTower => {
  const { image } = config;
  return {
    size: image.size,
    layers: image.layers,
    width: image.width,
    embedding: vectorLength(config),
    looks: looksOf(config),
    lateTrunk: (name) => name.startsWith('trunk.') && isLateWeight(name.slice('trunk.'.length), image.trunk),
    stem: [image.trunk.stem, ...image.trunk.blocks.map(({ outputs }) => outputs)],
    preprocessing: { size: image.size, resize: 'squash', mean: image.trunk.mean, scale: image.trunk.scale },
    build: (parameters, pixels, hooks) => eyeImageTower(parameters, pixels, config, hooks),
    fit: (picture) => fitPicture(picture, image.size),
    square: async (picture, side) =>
      cropResize(picture, { x: 0, y: 0, width: picture.width, height: picture.height }, side, side),
  };
};

/** The text tower as one that can be tuned. */
export const eyeTunableText = (config: EyeConfig, tokenizer: Tokenizer): TunableTextTower => ({
  layers: Math.max(...config.text.read),
  width: config.text.width,
  build(graph, parameters, batch, hooks) {
    const ids = input(graph, 'ids', [batch, config.text.context], 'int64');
    const mask = input(graph, 'mask', [batch, config.text.context]);
    return eyeTextTower(parameters, ids, mask, config, hooks);
  },
  readable: (text) => readableLength(tokenizer, text, config.text.context),
  feeds: (texts) => bertFeeds(tokenizer.encodeBatch([...texts], config.text.context), config.text.context),
});

/** Opens the bundle of such a backbone. @throws {ModelError} for a bundle whose shape cannot be read. */
export async function openEyeBackbone(bundle: ModelBundle): Promise<FrozenBackbone> {
  const parsed = eyeConfigSchema.safeParse(bundle.manifest.config);
  if (!parsed.success)
    throw new ModelError(
      'MODEL_CONFIG',
      bundle.folder,
      'manifest.json does not describe an image and a text tower',
    );
  const tokenizer = await loadTokenizer(bundle.path(bundle.manifest.tokenizer ?? 'tokenizer.json'));
  return {
    name: bundle.manifest.name,
    hash: bundle.hash,
    dimensions: vectorLength(parsed.data),
    weights: await readBundleWeights(bundle),
    image: eyeTunableImage(parsed.data),
    text: eyeTunableText(parsed.data, tokenizer),
    queryType: EYE_QUERY_TYPE,
  };
}
