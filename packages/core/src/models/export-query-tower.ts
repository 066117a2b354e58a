import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tuning } from '../freestyle/tuning.js';
import type { RelevanceScale } from '../fusion/relevance.js';
import type { ParameterMap } from '../nn/parameters.js';
import type { BundleManifest } from '../weights/bundle-manifest.js';
import { type ModelBundle, writeBundle } from '../weights/model-bundle.js';
import type { ScoreCalibration } from './embedding-model.js';
import { BACKBONE_LICENCE, writeSmallWeights } from './small/export-small.js';
import type { FrozenBackbone } from './tunable-tower.js';

export interface QueryExport {
  readonly name: string;
  /** What it was trained beside; its weights are not read. */
  readonly base: Omit<FrozenBackbone, 'weights' | 'text'>;
  readonly tuning: Tuning;
  readonly clusters: readonly string[];
  /** Edge of the pictures that the style network reads; the tower's own where absent. */
  readonly styleSize?: number;
  readonly knownCosine: number | null;
  readonly calibration: Readonly<Record<string, ScoreCalibration>>;
  /** How far above chance a score is; left out where it was not measured. */
  readonly relevance?: RelevanceScale;
  /** `query.*` and, with a style space, `style.*`. */
  readonly weights: ParameterMap;
  readonly training: BundleManifest['training'];
  readonly evaluation: BundleManifest['evaluation'];
}

/** Writes a query tower as a bundle of its own: what it adds to its backbone, and the style space it reads. */
export async function exportQueryTower(folder: string, tower: QueryExport): Promise<ModelBundle> {
  const { base, styleSize = base.image.size } = tower;
  await mkdir(folder, { recursive: true });
  const file = 'weights.safetensors';
  await writeSmallWeights(
    join(folder, file),
    tower.weights,
    (name) => name.startsWith('query.') || (tower.clusters.length > 0 && name.startsWith('style.')),
  );
  return writeBundle(
    folder,
    {
      name: tower.name,
      modelType: base.queryType,
      backbone: { name: base.name, hash: base.hash },
      dimensions: base.dimensions,
      config: {
        tuning: tower.tuning,
        clusters: [...tower.clusters],
        knownCosine: tower.knownCosine,
        ...(styleSize === base.image.size ? {} : { styleSize }),
        calibration: Object.fromEntries(
          Object.entries(tower.calibration).map(([style, { mean, deviation, separation }]) => [
            style,
            { mean, deviation, ...(separation === undefined ? {} : { separation }) },
          ]),
        ),
        ...(tower.relevance ? { relevance: tower.relevance } : {}),
      },
      preprocessing: base.image.preprocessing,
      tokenizer: null,
      licence: licenceOf(base),
      training: tower.training,
      evaluation: tower.evaluation,
    },
    [file],
  );
}

/** A tower beside somebody else's backbone may hold a copy of it, changed. */
const licenceOf = ({ name, queryType }: QueryExport['base']): string =>
  queryType === 'freestyle-small-query' || queryType === 'freestyle-eye-query'
    ? BACKBONE_LICENCE
    : `That of its backbone, ${name}; the training pictures keep their own terms`;
