import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Provider } from '../runtime/session.js';
import { type ModelBundle, readBundle } from '../weights/model-bundle.js';
import type { ModelHub } from '../weights/model-hub.js';
import { createDualEncoder } from './dual-encoder.js';
import type { EmbeddingModel } from './embedding-model.js';
import { ModelError } from './model-error.js';
import { isBackbone, isOwnQueryTower, openBundleBackbone } from './open-bundle-backbone.js';
import { openPretrainedBackbone, parsePretrainedReference } from './pretrained-model.js';
import { bundledModels, type StyleBundle } from './small/open-backbone.js';
import type { FrozenBackbone } from './tunable-tower.js';

export interface LoadModelOptions {
  /** Where to run; the CPU when absent. A provider that cannot run is an error, never a silent fall-back. */
  readonly provider?: Provider;
  readonly threads?: number;
  /** Where pretrained models (`clip:owner/name`) are fetched from; without one only folders can be opened. */
  readonly hub?: ModelHub;
  /** Folder of a query tower's bundle, trained beside this model's backbone: query pictures go through it. */
  readonly query?: string;
  /** Also open a symmetric tower, for evaluation; see `createDualEncoder`. */
  readonly symmetric?: boolean;
  /** Another style space for its query tower to read than its own, before any training on it; see `restyleTower`. */
  readonly style?: StyleBundle;
}

export const DEFAULT_MODEL = 'freestyle-small';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Opens a model by name: a bundle that comes with the product (`freestyle-small`), one of its query towers
 *  (`freestyle-small/vpt`), its plain backbone (`freestyle-small/backbone`), the folder of a bundle, or a pretrained
 *  model by family and place (`clip:/models/vit-b-32`, `clip:openai/clip-vit-base-patch32`). The folder of a query
 *  tower opens it on the backbone that it was trained beside.
 *  @throws {ModelError} naming what there is. @throws {BundleError} for a damaged bundle.
 *  @throws {BundleMismatchError} for the query tower of another backbone.
 *  @throws {SymmetricTowerError} for a tower that encodes the gallery too, unless asked for. */
export async function loadModel(name: string, options: LoadModelOptions = {}): Promise<EmbeddingModel> {
  const { hub, query: folder, ...sessionOptions } = options;
  // Read first: a bad bundle is told before a large model is opened.
  const given = folder === undefined ? null : await readBundle(folder);
  const { backbone, query } = await findModel(name, hub);
  return createDualEncoder(backbone, given ?? query, sessionOptions);
}

/** Opens the frozen backbone of a model, by any name that {@link loadModel} takes. @throws as {@link loadModel}. */
export const openBackbone = async (name: string, hub?: ModelHub): Promise<FrozenBackbone> =>
  (await findModel(name, hub)).backbone;

interface FoundModel {
  readonly backbone: FrozenBackbone;
  readonly query: ModelBundle | null;
}

async function findModel(name: string, hub: ModelHub | undefined): Promise<FoundModel> {
  if (parsePretrainedReference(name))
    return { backbone: await openPretrainedBackbone(name, hub), query: null };
  const bundled = join(bundledModels, DEFAULT_MODEL);
  const [family, tower = 'query', ...rest] = name.split('/');
  if (family === DEFAULT_MODEL && rest.length === 0) {
    const backbone = await openBundleBackbone(await readBundle(join(bundled, 'backbone')));
    if (tower === 'backbone') return { backbone, query: null };
    const folder = join(bundled, tower);
    if (await exists(folder)) return { backbone, query: await readBundle(folder) };
    throw new ModelError('MODEL_UNKNOWN', name, `there is no query tower "${tower}" in ${DEFAULT_MODEL}`);
  }
  if (await exists(join(name, 'manifest.json')))
    return openBundleFolder(name, join(bundled, 'backbone'), hub);
  throw new ModelError(
    'MODEL_UNKNOWN',
    name,
    `expected "${DEFAULT_MODEL}", "${DEFAULT_MODEL}/backbone", "clip:<folder or owner/name>", "siglip:…", "blip:…", "albef:…" or the folder of a model bundle (with a manifest.json)`,
  );
}

async function openBundleFolder(
  folder: string,
  bundledBackbone: string,
  hub: ModelHub | undefined,
): Promise<FoundModel> {
  const bundle: ModelBundle = await readBundle(folder);
  if (isBackbone(bundle)) return { backbone: await openBundleBackbone(bundle), query: null };
  if (isOwnQueryTower(bundle)) {
    // A query tower stands beside its backbone, or was trained for the one that comes with the product.
    const beside = join(folder, '..', 'backbone');
    const backbone = await readBundle((await exists(beside)) ? beside : bundledBackbone);
    return { backbone: await openBundleBackbone(backbone), query: bundle };
  }
  if (bundle.manifest.modelType === 'freestyle-query')
    return { backbone: await openNamedBackbone(bundle, hub), query: bundle };
  throw new ModelError('MODEL_UNKNOWN', folder, `its type "${bundle.manifest.modelType}" is not known here`);
}

/** The backbone that a bundle names. */
async function openNamedBackbone(bundle: ModelBundle, hub: ModelHub | undefined): Promise<FrozenBackbone> {
  const name = bundle.manifest.backbone?.name ?? '';
  try {
    return await openPretrainedBackbone(name, hub);
  } catch (cause) {
    if (!(cause instanceof ModelError)) throw cause;
    throw new ModelError(
      'MODEL_UNKNOWN',
      bundle.folder,
      `its backbone cannot be opened (${cause.message}); name the backbone as the model, and this bundle as its query tower`,
      cause,
    );
  }
}
