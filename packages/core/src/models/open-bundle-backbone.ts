import type { ModelBundle } from '../weights/model-bundle.js';
import { EYE_QUERY_TYPE, EYE_TYPE, openEyeBackbone } from './eye/eye-backbone.js';
import { ModelError } from './model-error.js';
import { openSmallBackbone } from './small/small-backbone.js';
import type { FrozenBackbone } from './tunable-tower.js';

/** Backbones that are bundles of ours, by type. To add one: one line here. */
const openers: Readonly<Record<string, (bundle: ModelBundle) => Promise<FrozenBackbone>>> = {
  'freestyle-small': openSmallBackbone,
  [EYE_TYPE]: openEyeBackbone,
};

/** Types of the query towers on them. */
const queryTypes: ReadonlySet<string> = new Set(['freestyle-small-query', EYE_QUERY_TYPE]);

/** Whether a bundle is a backbone of ours. */
export const isBackbone = ({ manifest }: ModelBundle): boolean => Object.hasOwn(openers, manifest.modelType);

/** Whether a bundle is the query tower of a backbone of ours, which stands beside it. */
export const isOwnQueryTower = ({ manifest }: ModelBundle): boolean => queryTypes.has(manifest.modelType);

/** Opens a backbone that is a bundle of ours. @throws {ModelError} for a bundle of another kind. */
export async function openBundleBackbone(bundle: ModelBundle): Promise<FrozenBackbone> {
  const { modelType } = bundle.manifest;
  const open = openers[modelType];
  if (!open) {
    const known = Object.keys(openers).map((type) => `"${type}"`);
    throw new ModelError(
      'MODEL_CONFIG',
      bundle.folder,
      `expected the bundle of a backbone (type ${known.join(' or ')}), got "${modelType}"`,
    );
  }
  return open(bundle);
}
