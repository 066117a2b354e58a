import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tuning } from '../../freestyle/tuning.js';
import type { ScoreCalibration } from '../../models/embedding-model.js';
import type { ParameterMap } from '../../nn/parameters.js';
import type { BundleManifest } from '../../weights/bundle-manifest.js';
import { type ModelBundle, writeBundle } from '../../weights/model-bundle.js';
import { BACKBONE_LICENCE, writeSmallWeights } from '../base/export-base.js';

export interface QueryExport {
  readonly name: string;
  readonly backbone: { readonly name: string; readonly hash: string };
  readonly dimensions: number;
  readonly size: number;
  readonly tuning: Tuning;
  readonly clusters: readonly string[];
  readonly knownCosine: number | null;
  readonly calibration: Readonly<Record<string, ScoreCalibration>>;
  /** `query.*` and, with a style space, `style.*`. */
  readonly weights: ParameterMap;
  readonly training: BundleManifest['training'];
  readonly evaluation: BundleManifest['evaluation'];
}

/** Writes a query tower as a bundle of its own: what it adds to its backbone, and the style space it reads. */
export async function exportQueryTower(folder: string, tower: QueryExport): Promise<ModelBundle> {
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
      modelType: 'freestyle-small-query',
      backbone: { name: tower.backbone.name, hash: tower.backbone.hash },
      dimensions: tower.dimensions,
      config: {
        tuning: tower.tuning,
        clusters: [...tower.clusters],
        knownCosine: tower.knownCosine,
        calibration: Object.fromEntries(
          Object.entries(tower.calibration).map(([style, { mean, deviation, separation }]) => [
            style,
            { mean, deviation, ...(separation === undefined ? {} : { separation }) },
          ]),
        ),
      },
      preprocessing: { size: tower.size, resize: 'squash', range: [-1, 1] },
      tokenizer: null,
      licence: BACKBONE_LICENCE,
      training: tower.training,
      evaluation: tower.evaluation,
    },
    [file],
  );
}
