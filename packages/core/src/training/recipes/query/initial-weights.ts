import { CENTRING } from '../../../freestyle/query-session.js';
import type { Tuning } from '../../../freestyle/tuning.js';
import { ModelError } from '../../../models/model-error.js';
import { queryTowerConfigSchema } from '../../../models/open-query-tower.js';
import { readBundleWeights } from '../../../models/small/read-small-bundle.js';
import type { FrozenBackbone } from '../../../models/tunable-tower.js';
import type { ParameterMap } from '../../../nn/parameters.js';
import { assertBundleFits, readBundle } from '../../../weights/model-bundle.js';

/** The learned weights (`query.*`) of a query tower that was trained before, for a run that goes on from them.
 *  @param earlier the backbone that the tower was trained beside, where that is not `backbone`: see {@link carryOver}.
 *  @throws {BundleMismatchError} for the tower of another backbone.
 *  @throws {ModelError} for a bundle of another kind or tuning. */
export async function readInitialWeights(
  folder: string,
  backbone: FrozenBackbone,
  tuning: Tuning,
  earlier: FrozenBackbone = backbone,
): Promise<ParameterMap> {
  const bundle = await readBundle(folder);
  const config = queryTowerConfigSchema.safeParse(bundle.manifest.config);
  if (!config.success) {
    const got = `a bundle of type "${bundle.manifest.modelType}"`;
    throw new ModelError('MODEL_CONFIG', folder, `expected the bundle of a query tower, got ${got}`);
  }
  assertBundleFits(bundle, earlier);
  const { tuning: before } = config.data;
  if (!canGoOnFrom(before, tuning)) {
    throw new ModelError(
      'MODEL_CONFIG',
      folder,
      `it was tuned as ${JSON.stringify(before)}, this run tunes as ${JSON.stringify(tuning)}; ` +
        'a run can only go on from a tower of the same method and options, or with --whole from one of the method "full"',
    );
  }
  const weights = await readBundleWeights(bundle);
  // The centring is no part of what learns: it is measured anew when the run is over.
  const learned = new Map([...weights].filter(([name]) => name.startsWith('query.') && name !== CENTRING));
  return earlier.hash === backbone.hash ? learned : carryOver(learned, earlier, backbone);
}

/** Brings learned weights over to a backbone that was itself trained further: what they had added to their own copy of
 *  the earlier one is added to the new one, `new + (tuned − earlier)` (task arithmetic, Ilharco et al. 2023). What copies
 *  nothing (prompts, low-rank additions) stays as it is. A start to train from, not a finished tower.
 *  @throws {ModelError} if the two backbones have not the same shape. */
export function carryOver(
  learned: ParameterMap,
  earlier: Pick<FrozenBackbone, 'name' | 'weights'>,
  backbone: Pick<FrozenBackbone, 'name' | 'weights'>,
): ParameterMap {
  return new Map(
    [...learned].map(([name, tuned]) => {
      const copied = name.slice('query.'.length);
      const before = earlier.weights.get(copied);
      if (!before) return [name, tuned];
      const after = backbone.weights.get(copied);
      if (after?.data.length !== tuned.data.length || before.data.length !== tuned.data.length) {
        throw new ModelError(
          'MODEL_CONFIG',
          earlier.name,
          `its "${copied}" has not the shape that it has in ${backbone.name}; a tower can only be carried over to a ` +
            'backbone of the same shape',
        );
      }
      const data = tuned.data.map((v, i) => v + (after.data[i] as number) - (before.data[i] as number));
      return [name, { shape: tuned.shape, data }];
    }),
  );
}

/** Whether a tower tuned one way is a start for a run that tunes another way. A copy that learned whole may get prompts,
 *  which come in by a gate that starts closed; a tower that was not centred may go on as one that is, its places are
 *  measured then. */
export function canGoOnFrom(before: Tuning, tuning: Tuning): boolean {
  if (before.method === 'full' && tuning.whole) return tuning.gated === true;
  return comparable(tuning.centred ? { ...before, centred: true } : before) === comparable(tuning);
}

/** Bundles written before the stem, or texts, could be tuned, or prompts be gated, do not name them. */
const comparable = ({
  stem = false,
  textPrompts = false,
  gated = false,
  centred = false,
  symmetric = false,
  whole = false,
  ...others
}: Tuning): string => JSON.stringify([stem, textPrompts, gated, centred, symmetric, whole, others]);
