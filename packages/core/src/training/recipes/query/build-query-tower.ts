import { join } from 'node:path';
import type { Dataset } from '../../../datasets/dataset.js';
import { namedVersions } from '../../../datasets/dataset-version.js';
import { CENTRING } from '../../../freestyle/query-session.js';
import type { QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Tuning } from '../../../freestyle/tuning.js';
import type { RelevanceScale } from '../../../fusion/relevance.js';
import type { ScoreCalibration } from '../../../models/embedding-model.js';
import { exportQueryTower } from '../../../models/export-query-tower.js';
import type { StyleBundle } from '../../../models/small/open-backbone.js';
import type { FrozenBackbone } from '../../../models/tunable-tower.js';
import type { ModelBundle } from '../../../weights/model-bundle.js';
import { requireWritable } from '../../../weights/require-writable.js';
import { calibrateTower, type TowerCalibration } from './calibrate-tower.js';
import type { QueryRunOptions } from './query-run-options.js';
import { type QueryRunResult, runQueryTraining } from './run-query-training.js';
import { closeValidation, tunedGallery } from './validate-queries.js';

/** What a method learns well with: prompts start from nothing and take large steps, a whole tower small ones. */
export const defaultRates: Readonly<Record<Tuning['method'], number>> = {
  freestyle: 3e-3,
  vpt: 1e-2,
  lora: 2e-3,
  linear: 1e-3,
  full: 3e-4,
};

/** Weight of staying near the untrained tower that style prompts learn well with: with less, human paintings fall below
 *  what the plain backbone finds; see docs/experiments.md. */
export const PROMPT_KEEP = 6;

export interface QueryTowerOptions
  extends Omit<QueryRunOptions, 'tower' | 'backbone' | 'clusters' | 'styleSize' | 'text' | 'work'> {
  readonly base: FrozenBackbone;
  readonly style: StyleBundle;
  readonly name: string;
  /** Bundle to write. */
  readonly out: string;
  /** Checkpoint and metrics; a folder inside the bundle's when absent. */
  readonly work?: string;
  readonly trainSplit: string;
  /** Leave out what composite queries and centring need: for runs that are only compared. So are those without
   *  validation. */
  readonly uncalibrated?: boolean;
  /** What was measured of words for another tower on the same backbone, which encodes them for this one too: their
   *  scores, and how far above chance a score is. */
  readonly words?: { readonly calibration: ScoreCalibration; readonly relevance: RelevanceScale };
}

/** From datasets to the bundle of a query tower: trains it, puts its scores on the common scale, writes it.
 *  @returns no bundle for a training that found nothing better than where it started (unless it is only compared).
 *  @throws {OutputError} where the bundle could not be written, before anything is read or trained. */
export async function buildQueryTower(
  options: QueryTowerOptions,
): Promise<{ readonly bundle: ModelBundle | null; readonly result: QueryRunResult }> {
  const { base, style, tuning, out } = options;
  await requireWritable(out);
  const shape = {
    tower: base.image,
    tuning,
    clusters: style.clusters.length,
    styleSize: style.size,
    text: base.text,
  };
  const result = await runQueryTraining({
    ...options,
    ...shape,
    backbone: new Map([...base.weights, ...style.weights]),
    work: options.work ?? join(out, '.work'),
  });
  if (result.fit.outcome === 'no-better-than-start' && !options.compared) {
    await closeValidation(result.validation);
    return { bundle: null, result };
  }
  const { trained, frozen } = result.count;
  const calibration = await calibrate(options, shape, result).finally(() =>
    closeValidation(result.validation),
  );
  if (calibration.centring) {
    const rows = [style.clusters.length, base.dimensions];
    result.weights.set(CENTRING, { shape: rows, data: calibration.centring });
  }
  const words = tuning.textPrompts ? undefined : options.words;
  const bundle = await exportQueryTower(out, {
    name: options.name,
    base,
    tuning,
    styleSize: style.size,
    clusters: style.clusters,
    knownCosine: style.knownCosine,
    calibration: { ...calibration.scores, ...(words ? { text: words.calibration } : {}) },
    ...(words ? { relevance: words.relevance } : {}),
    weights: result.weights,
    training: {
      data: options.train.map((dataset: Dataset) => `${dataset.name}/${options.trainSplit}`).join(', '),
      ...namedVersions(options.versions),
      seed: options.seed,
      rate: options.peakRate,
      batch: options.batch,
      steps: result.fit.best.step,
      trained,
      frozen,
      ...(options.loss ? { loss: options.loss } : {}),
      ...(options.keep ? { keep: options.keep } : {}),
      ...(result.shared.photos > 0 ? { photosSharedWithValidation: result.shared.photos } : {}),
      ...(result.shared.queries > 0 ? { queriesSharedWithValidation: result.shared.queries } : {}),
    },
    evaluation: options.unvalidated ? {} : { validation: result.fit.best.score },
  });
  return { bundle, result };
}

/** On the gallery that the tower will meet: its own where it encodes that too. */
async function calibrate(
  { base, style, validation, session, uncalibrated, unvalidated }: QueryTowerOptions,
  shape: QueryTowerShape,
  trained: QueryRunResult,
): Promise<TowerCalibration> {
  if (uncalibrated || unvalidated) return { scores: {}, centring: null };
  const { photos } = trained.validation;
  if (!shape.tuning.symmetric || !photos)
    return calibrateTower(base, style.clusters, shape, trained, validation, session);
  const gallery = await tunedGallery(trained.weights, shape, photos, session);
  const own = { weights: trained.weights, validation: { ...trained.validation, gallery } };
  return calibrateTower(base, style.clusters, shape, own, validation, session);
}
