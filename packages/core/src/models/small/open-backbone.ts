import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Parameter } from '../../nn/parameters.js';
import { assertBundleFits, type ModelBundle, readBundle } from '../../weights/model-bundle.js';
import { ModelError } from '../model-error.js';
import { type SmallConfig, smallConfigSchema } from './config.js';
import { readBundleWeights } from './read-small-bundle.js';

/** Bundles that come with the product. */
export const bundledModels = fileURLToPath(new URL('../../../bundles/', import.meta.url));
/** The backbone that comes with the product. */
export const backboneFolder = join(bundledModels, 'freestyle-small', 'backbone');
/** The style space that comes with it. */
export const styleFolder = join(bundledModels, 'freestyle-small', 'style');

export interface Backbone {
  readonly bundle: ModelBundle;
  readonly config: SmallConfig;
  /** `image.*` and `text.*`. */
  readonly weights: ReadonlyMap<string, Parameter>;
}

/** Opens the bundle of a small dual encoder. @throws {ModelError} for a bundle of another kind. */
export async function readBackbone(folder: string): Promise<Backbone> {
  const bundle = await readBundle(folder);
  if (bundle.manifest.modelType !== 'freestyle-small') {
    throw new ModelError(
      'MODEL_CONFIG',
      folder,
      `expected the bundle of a backbone (type "freestyle-small"), got "${bundle.manifest.modelType}"`,
    );
  }
  const config = smallConfigSchema.parse(bundle.manifest.config);
  return { bundle, config, weights: await readBundleWeights(bundle) };
}

/** `config` of a style space's bundle. */
export const styleConfigSchema = z.object({
  clusters: z.array(z.string()).min(1),
  knownCosine: z.number().min(-1).max(1).nullable(),
});

export interface StyleBundle {
  /** Names of the clusters, in the order of the centres. */
  readonly clusters: readonly string[];
  readonly knownCosine: number | null;
  /** `style.network.*`, `style.centres`. */
  readonly weights: ReadonlyMap<string, Parameter>;
}

const NO_STYLE: StyleBundle = { clusters: [], knownCosine: null, weights: new Map() };

/** Opens a style space. Without a folder: the one that comes with the product, or none where that is not there or was
 *  made for another backbone.
 *  @throws {ModelError} for a bundle of another kind. @throws {BundleMismatchError} for that of another backbone. */
export async function readStyle(folder: string | undefined, backbone: Backbone): Promise<StyleBundle> {
  if (folder === undefined && !existsSync(styleFolder)) return NO_STYLE;
  const bundle = await readBundle(folder ?? styleFolder);
  if (bundle.manifest.modelType !== 'freestyle-style') {
    throw new ModelError(
      'MODEL_CONFIG',
      bundle.folder,
      `expected the bundle of a style space (type "freestyle-style"), got "${bundle.manifest.modelType}"`,
    );
  }
  if (folder === undefined && bundle.manifest.backbone?.hash !== backbone.bundle.hash) return NO_STYLE;
  assertBundleFits(bundle, { name: backbone.bundle.manifest.name, hash: backbone.bundle.hash });
  const { clusters, knownCosine } = styleConfigSchema.parse(bundle.manifest.config);
  return { clusters, knownCosine, weights: await readBundleWeights(bundle) };
}
