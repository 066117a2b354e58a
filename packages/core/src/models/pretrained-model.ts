import { stat } from 'node:fs/promises';
import type { SessionOptions } from '../runtime/session.js';
import type { ModelBundle } from '../weights/model-bundle.js';
import type { ModelHub } from '../weights/model-hub.js';
import { openAlbef, openBlip } from './blip/load-vit-bert.js';
import { openClip } from './clip/load-clip.js';
import { createDualEncoder } from './dual-encoder.js';
import type { EmbeddingModel } from './embedding-model.js';
import { ModelError } from './model-error.js';
import { hubFiles, localFiles, type ModelFiles } from './model-files.js';
import { openSiglip } from './siglip/load-siglip.js';
import type { FrozenBackbone } from './tunable-tower.js';

/** Opens a model of one family from its files. */
export type PretrainedLoader = (files: ModelFiles) => Promise<FrozenBackbone>;

/** Model families by the prefix of their names. */
export const pretrainedLoaders: Readonly<Record<string, PretrainedLoader>> = {
  clip: openClip,
  blip: openBlip,
  albef: openAlbef,
  siglip: openSiglip,
};

/** A family and where the model's files are: `clip:/models/vit-b-32`, `clip:openai/clip-vit-base-patch32@main`. */
export interface PretrainedReference {
  readonly family: string;
  readonly place: string;
}

/** Splits a name like `clip:owner/name`; null for names without the prefix of a family. */
export function parsePretrainedReference(name: string): PretrainedReference | null {
  const colon = name.indexOf(':');
  const family = name.slice(0, Math.max(0, colon));
  return Object.hasOwn(pretrainedLoaders, family) ? { family, place: name.slice(colon + 1) } : null;
}

/** Opens a pretrained model by folder, or by its name on a hub where one is given.
 *  @throws {ModelError} `MODEL_UNKNOWN` for an unknown family, or a place that is neither a folder nor a hub's name. */
export async function openPretrainedBackbone(
  name: string,
  hub: ModelHub | undefined,
): Promise<FrozenBackbone> {
  const reference = parsePretrainedReference(name);
  const loader = reference && pretrainedLoaders[reference.family];
  if (!reference || !loader) {
    const families = Object.keys(pretrainedLoaders).map((family) => `${family}:`);
    throw new ModelError('MODEL_UNKNOWN', name, `expected a name that starts with ${families.join(', ')}`);
  }
  return loader(await findFiles(name, reference.place, hub));
}

/** Loads a pretrained model, see {@link openPretrainedBackbone}.
 *  @param query bundle of a query tower trained beside it, for query pictures; they go the gallery's way without one.
 *  @throws {BundleMismatchError} for the query tower of another backbone. */
export async function loadPretrainedModel(
  name: string,
  hub: ModelHub | undefined,
  options: SessionOptions = {},
  query: ModelBundle | null = null,
): Promise<EmbeddingModel> {
  return createDualEncoder(await openPretrainedBackbone(name, hub), query, options);
}

async function findFiles(name: string, place: string, hub: ModelHub | undefined): Promise<ModelFiles> {
  const isFolder = await stat(place).then(
    (info) => info.isDirectory(),
    () => false,
  );
  if (isFolder) return localFiles(place);
  const match = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(place);
  if (!match?.[1]) {
    throw new ModelError(
      'MODEL_UNKNOWN',
      name,
      `"${place}" is neither a folder nor a name on a model hub (owner/name)`,
    );
  }
  if (!hub)
    throw new ModelError(
      'MODEL_UNKNOWN',
      name,
      `there is no folder "${place}", and no model hub to ask here`,
    );
  return hubFiles(hub, match[1], match[2]);
}
