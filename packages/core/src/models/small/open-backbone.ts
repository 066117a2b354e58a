import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Parameter } from '../../nn/parameters.js';
import { assertBundleFits, type ModelBundle, readBundle } from '../../weights/model-bundle.js';
import { ModelError } from '../model-error.js';
import type { FrozenBackbone } from '../tunable-tower.js';
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

/** `preprocessing` of a style space's bundle. */
export const stylePreprocessingSchema = z.object({ size: z.int().positive() });

export interface StyleBundle {
  /** Names of the clusters, in the order of the centres. */
  readonly clusters: readonly string[];
  readonly knownCosine: number | null;
  /** Edge of the pictures that its network reads. */
  readonly size: number;
  /** `style.network.*`, `style.centres`. */
  readonly weights: ReadonlyMap<string, Parameter>;
}

const NO_STYLE: Omit<StyleBundle, 'size'> = { clusters: [], knownCosine: null, weights: new Map() };

/** Opens a style space. Without a folder: the one that comes with the product, or none where that is not there or was
 *  made for another backbone. A style space that names no backbone fits every one: its network reads pixels alone.
 *  @throws {ModelError} for a bundle of another kind. @throws {BundleMismatchError} for that of another backbone. */
export async function readStyle(
  folder: string | undefined,
  backbone: Pick<FrozenBackbone, 'name' | 'hash' | 'image'>,
): Promise<StyleBundle> {
  const none: StyleBundle = { ...NO_STYLE, size: backbone.image.size };
  if (folder === undefined && !existsSync(styleFolder)) return none;
  const bundle = await readBundle(folder ?? styleFolder);
  if (bundle.manifest.modelType !== 'freestyle-style') {
    throw new ModelError(
      'MODEL_CONFIG',
      bundle.folder,
      `expected the bundle of a style space (type "freestyle-style"), got "${bundle.manifest.modelType}"`,
    );
  }
  const { backbone: own, preprocessing } = bundle.manifest;
  if (folder === undefined && own !== null && own.hash !== backbone.hash) return none;
  assertBundleFits(bundle, backbone);
  const { clusters, knownCosine } = styleConfigSchema.parse(bundle.manifest.config);
  const { size } = stylePreprocessingSchema.parse(preprocessing);
  return { clusters, knownCosine, size, weights: await readBundleWeights(bundle) };
}
