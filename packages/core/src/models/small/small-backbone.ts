import { cropResize } from '../../image/crop-resize.js';
import { multiplyDims } from '../../onnx/dims.js';
import { input } from '../../onnx/graph.js';
import { hostTensor } from '../../runtime/session.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import { readableLength, type Tokenizer } from '../../text/tokenizer.js';
import type { ModelBundle } from '../../weights/model-bundle.js';
import type { FrozenBackbone, TunableImageTower, TunableTextTower } from '../tunable-tower.js';
import { type SmallConfig, smallConfigSchema } from './config.js';
import { fitPicture } from './fit-picture.js';
import { imageTower } from './image-tower.js';
import { readBundleWeights } from './read-small-bundle.js';
import { textTower } from './text-tower.js';

/** The small model's image tower as one that can be tuned. */
export const smallImageTower = (config: SmallConfig): TunableImageTower => ({
  size: config.image.size,
  layers: config.image.layers,
  width: config.image.width,
  embedding: config.embedding,
  stem: config.image.stem,
  preprocessing: { size: config.image.size, resize: 'squash', range: [-1, 1] },
  build: (parameters, pixels, hooks) => imageTower(parameters, pixels, config, hooks).embedding,
  fit: (image) => fitPicture(image, config.image.size),
  square: async (image, side) =>
    cropResize(image, { x: 0, y: 0, width: image.width, height: image.height }, side, side),
});

/** The small model's text tower as one that can be tuned. */
export function smallTextTower(config: SmallConfig, tokenizer: Tokenizer): TunableTextTower {
  const { layers, width, context } = config.text;
  return {
    layers,
    width,
    readable: (text) => readableLength(tokenizer, text, context),
    build(graph, parameters, batch, hooks) {
      const ids = input(graph, 'ids', [multiplyDims(batch, context)], 'int64');
      const ends = input(graph, 'ends', [batch], 'int64');
      return textTower(parameters, ids, ends, config, batch, context, hooks);
    },
    feeds(texts) {
      const { ids, lengths } = tokenizer.encodeBatch([...texts], context);
      const ends = BigInt64Array.from({ length: texts.length }, (_, row) =>
        BigInt(row * context + (lengths[row] ?? 1) - 1),
      );
      return {
        ids: hostTensor('int64', BigInt64Array.from(ids, BigInt), [ids.length]),
        ends: hostTensor('int64', ends, [texts.length]),
      };
    },
  };
}

/** A small dual encoder, ready to be tuned or run. */
export async function openSmallBackbone(bundle: ModelBundle): Promise<FrozenBackbone> {
  const config = smallConfigSchema.parse(bundle.manifest.config);
  const tokenizer = await loadTokenizer(bundle.path(bundle.manifest.tokenizer ?? 'tokenizer.json'));
  return {
    name: bundle.manifest.name,
    hash: bundle.hash,
    dimensions: config.embedding,
    weights: await readBundleWeights(bundle),
    image: smallImageTower(config),
    text: smallTextTower(config, tokenizer),
    queryType: 'freestyle-small-query',
  };
}
