import type { Tuning } from '../../freestyle/tuning.js';
import { ModelError } from '../../models/model-error.js';
import { queryTowerConfigSchema } from '../../models/open-query-tower.js';
import { readBundleWeights } from '../../models/small/read-small-bundle.js';
import type { FrozenBackbone } from '../../models/tunable-tower.js';
import type { ParameterMap } from '../../nn/parameters.js';
import { assertBundleFits, readBundle } from '../../weights/model-bundle.js';
import { CENTRING } from './encode-queries.js';

/** The learned weights (`query.*`) of a query tower that was trained before, for a run that goes on from them.
 *  @throws {BundleMismatchError} for the tower of another backbone.
 *  @throws {ModelError} for a bundle of another kind or tuning. */
export async function readInitialWeights(
  folder: string,
  backbone: FrozenBackbone,
  tuning: Tuning,
): Promise<ParameterMap> {
  const bundle = await readBundle(folder);
  const config = queryTowerConfigSchema.safeParse(bundle.manifest.config);
  if (!config.success) {
    const got = `a bundle of type "${bundle.manifest.modelType}"`;
    throw new ModelError('MODEL_CONFIG', folder, `expected the bundle of a query tower, got ${got}`);
  }
  assertBundleFits(bundle, backbone);
  if (comparable(config.data.tuning) !== comparable(tuning)) {
    throw new ModelError(
      'MODEL_CONFIG',
      folder,
      `it was tuned as ${JSON.stringify(config.data.tuning)}, this run tunes as ${JSON.stringify(tuning)}; ` +
        'a run can only go on from a tower of the same method and options',
    );
  }
  const weights = await readBundleWeights(bundle);
  // The centring is no part of what learns: it is measured anew when the run is over.
  return new Map([...weights].filter(([name]) => name.startsWith('query.') && name !== CENTRING));
}

/** Bundles written before the stem, or texts, could be tuned do not name them. */
const comparable = ({ stem = false, textPrompts = false, ...others }: Tuning): string =>
  JSON.stringify([stem, textPrompts, others]);
