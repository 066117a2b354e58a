import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BACKBONE_LICENCE, writeSmallWeights } from '../models/small/export-small.js';
import type { StyleBundle } from '../models/small/open-backbone.js';
import type { BundleManifest } from '../weights/bundle-manifest.js';
import { type ModelBundle, readBundle, writeBundle } from '../weights/model-bundle.js';
import { styleNetwork } from './style-network.js';

/** Writes a style space as a bundle that `readStyle` opens and a query tower is trained on; whole or not at all.
 *  @param training what it was made of, as the manifest tells it. */
export async function writeStyleBundle(
  folder: string,
  {
    name,
    style,
    training,
  }: { readonly name: string; readonly style: StyleBundle; readonly training: BundleManifest['training'] },
): Promise<ModelBundle> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await writeSmallWeights(join(unfinished, 'weights.safetensors'), style.weights, (one) =>
    one.startsWith('style.'),
  );
  await writeBundle(
    unfinished,
    {
      name,
      modelType: 'freestyle-style',
      backbone: null,
      dimensions: styleNetwork.width,
      config: { clusters: [...style.clusters], knownCosine: style.knownCosine },
      preprocessing: { size: style.size, resize: 'squash', range: [-1, 1] },
      tokenizer: null,
      licence: BACKBONE_LICENCE,
      training,
      evaluation: {},
    },
    ['weights.safetensors'],
  );
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  return readBundle(folder);
}
