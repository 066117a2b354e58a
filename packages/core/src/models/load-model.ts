import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Provider } from '../runtime/session.js';
import { type ModelBundle, readBundle } from '../weights/model-bundle.js';
import type { ModelHub } from '../weights/model-hub.js';
import type { EmbeddingModel } from './embedding-model.js';
import { ModelError } from './model-error.js';
import { loadPretrainedModel, parsePretrainedReference } from './pretrained-model.js';
import { bundledModels } from './small/open-backbone.js';
import { loadSmallModel } from './small/small-model.js';

export interface LoadModelOptions {
  /** Where to run; the CPU when absent. A provider that cannot run is an error, never a silent fall-back. */
  readonly provider?: Provider;
  readonly threads?: number;
  /** Where pretrained models (`clip:owner/name`) are fetched from; without one only folders can be opened. */
  readonly hub?: ModelHub;
}

export const DEFAULT_MODEL = 'freestyle-small';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Opens a model by name: a bundle that comes with the product (`freestyle-small`), one of its query towers
 *  (`freestyle-small/vpt`), its plain backbone (`freestyle-small/backbone`), the folder of a bundle, or a pretrained
 *  model by family and place (`clip:/models/vit-b-32`, `clip:openai/clip-vit-base-patch32`).
 *  @throws {ModelError} naming what there is. @throws {BundleError} for a damaged bundle. */
export async function loadModel(name: string, options: LoadModelOptions = {}): Promise<EmbeddingModel> {
  const { hub, ...sessionOptions } = options;
  if (parsePretrainedReference(name)) return loadPretrainedModel(name, hub, sessionOptions);
  const backboneFolder = join(bundledModels, DEFAULT_MODEL, 'backbone');
  const [family, tower = 'query', ...rest] = name.split('/');
  if (family === DEFAULT_MODEL && rest.length === 0) {
    const backbone = await readBundle(backboneFolder);
    if (tower === 'backbone') return loadSmallModel(backbone, null, options);
    const folder = join(bundledModels, DEFAULT_MODEL, tower);
    if (await exists(folder)) return loadSmallModel(backbone, await readBundle(folder), options);
    throw new ModelError('MODEL_UNKNOWN', name, `there is no query tower "${tower}" in ${DEFAULT_MODEL}`);
  }
  if (await exists(join(name, 'manifest.json'))) return loadBundleFolder(name, backboneFolder, options);
  throw new ModelError(
    'MODEL_UNKNOWN',
    name,
    `expected "${DEFAULT_MODEL}", "${DEFAULT_MODEL}/backbone", "clip:<folder or owner/name>" or the folder of a model bundle (with a manifest.json)`,
  );
}

async function loadBundleFolder(
  folder: string,
  bundledBackbone: string,
  options: LoadModelOptions,
): Promise<EmbeddingModel> {
  const bundle: ModelBundle = await readBundle(folder);
  switch (bundle.manifest.modelType) {
    case 'freestyle-small':
      return loadSmallModel(bundle, null, options);
    case 'freestyle-small-query': {
      // A query tower stands beside its backbone, or was trained for the one that comes with the product.
      const beside = join(folder, '..', 'backbone');
      const backbone = await readBundle((await exists(beside)) ? beside : bundledBackbone);
      return loadSmallModel(backbone, bundle, options);
    }
    default:
      throw new ModelError(
        'MODEL_UNKNOWN',
        folder,
        `its type "${bundle.manifest.modelType}" is not known here`,
      );
  }
}
