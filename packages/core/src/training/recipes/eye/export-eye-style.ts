import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BACKBONE_LICENCE, writeSmallWeights } from '../../../models/small/export-small.js';
import { styleNetwork } from '../../../style-space/style-network.js';
import type { BundleManifest } from '../../../weights/bundle-manifest.js';
import { type ModelBundle, writeBundle } from '../../../weights/model-bundle.js';
import { EYE_CLUSTERS } from './style-recipe.js';
import type { EyeStyle } from './train-eye-style.js';

/** Writes the style space as a bundle of its own, for query towers that are trained later. */
export async function exportEyeStyle(
  folder: string,
  name: string,
  style: EyeStyle,
  training: BundleManifest['training'],
): Promise<ModelBundle> {
  await mkdir(folder, { recursive: true });
  await writeSmallWeights(join(folder, 'weights.safetensors'), style.weights, () => true);
  return writeBundle(
    folder,
    {
      name: `${name}/style`,
      modelType: 'freestyle-style',
      // Its network reads pixels alone: it says as much about the queries of any backbone.
      backbone: null,
      dimensions: styleNetwork.width,
      config: { clusters: [...EYE_CLUSTERS], knownCosine: style.knownCosine },
      preprocessing: { size: style.size, resize: 'squash', range: [-1, 1] },
      tokenizer: null,
      licence: BACKBONE_LICENCE,
      training,
      evaluation: {},
    },
    ['weights.safetensors'],
  );
}
