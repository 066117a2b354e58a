import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../datasets/dataset.js';
import { countParameters, type ParameterCount } from '../../freestyle/count-parameters.js';
import { initialiseQueryTower, type QueryTowerShape } from '../../freestyle/query-tower.js';
import type { TunableImageTower } from '../../models/tunable-tower.js';
import type { Parameter, ParameterMap } from '../../nn/parameters.js';
import { createRandom } from '../../random.js';
import type { SessionOptions } from '../../runtime/session.js';
import { CheckpointError, loadCheckpoint, saveCheckpoint } from '../checkpoint.js';
import { hashParameters } from '../hash-parameters.js';
import { planCaptions, thinCaptions } from './caption-queries.js';
import { keptGalleryVectors } from './gallery-vectors.js';
import { type PlanOptions, planQueries } from './plan-queries.js';
import { buildQueryCache, type QueryCache, selectQueries, squareOf } from './query-cache.js';
import { type BestEpoch, type EpochReport, trainQuery } from './train-query.js';
import { type ValidationSet, validateQueries } from './validate-queries.js';

/** What the query pictures and the gallery of a run are made from. */
export interface QueryDataOptions {
  readonly tower: TunableImageTower;
  /** The frozen backbone and style space: `image.*`, `style.*`. */
  readonly backbone: ParameterMap;
  /** Query pictures and gallery vectors, shared by all runs on the same data. */
  readonly cache: string;
  readonly seed: number;
  /** Made query pictures of each style and training photo. */
  readonly perPhoto: number;
  /** Validation queries of each style at most; all of them when absent. */
  readonly validationPerStyle?: number;
  readonly session: SessionOptions;
  readonly onProgress: (stage: string, done: number, total: number, detail?: string) => void;
}

export interface QueryRunOptions extends QueryDataOptions, QueryTowerShape {
  /** Learned weights (`query.*`) of an earlier run to begin with, instead of fresh ones. */
  readonly initial?: ParameterMap;
  readonly train: readonly Dataset[];
  readonly validation: readonly Dataset[];
  /** Checkpoint and metrics; a killed run goes on from there. */
  readonly work: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batch: number;
  readonly peakRate: number;
  readonly patience: number;
  readonly signal?: AbortSignal;
  readonly onEpoch?: (report: EpochReport) => void;
}

export interface QueryRunResult {
  /** Backbone, style space and the learned `query.*` of the best epoch. */
  readonly weights: Map<string, Parameter>;
  readonly best: BestEpoch;
  readonly count: ParameterCount;
  /** Close its queries after use. */
  readonly validation: ValidationSet;
}

const makeStyles = ['sketch', 'art', 'lowres'] as const;
/** The makers that validation always uses: one of each style, so that two runs see the same pictures. */
const validationMakers = { sketch: 'sketch-freehand', art: 'art-oil', lowres: 'lowres-mosaic-16' };

/** Which query pictures are made for a part of the data: every command that draws from the cache plans alike. */
export const queryPlanOptions = (part: 'train' | 'validation', perPhoto: number): PlanOptions => ({
  make: makeStyles,
  perPhoto: part === 'train' ? perPhoto : 1,
  plain: part === 'train',
  ...(part === 'validation' ? { fixed: validationMakers } : {}),
});

/** Trains a query tower on datasets: makes the query pictures that are missing, encodes the frozen gallery, trains,
 *  validates after each epoch, and checks at the end that nothing frozen changed. */
export async function runQueryTraining(options: QueryRunOptions): Promise<QueryRunResult> {
  await mkdir(options.work, { recursive: true });
  const before = hashParameters(options.backbone);
  const train = await prepareQueries(options, 'train', options.train);
  const validation = await prepareQueries(options, 'validation', options.validation);
  const weights = new Map([
    ...options.backbone,
    ...initialiseQueryTower(options, options.backbone, createRandom(`${options.seed}:query`)),
    ...(options.initial ?? []),
  ]);
  try {
    const best = await trainFrom(options, weights, train, validation);
    if (hashParameters(options.backbone) !== before) throw new Error('training changed a frozen weight');
    return { weights, best, count: countParameters(weights), validation };
  } catch (error) {
    await validation.queries.close();
    throw error;
  } finally {
    await train.queries.close();
  }
}

/** Makes the query pictures that are missing and encodes the frozen gallery. Close `queries` after use. */
export async function prepareQueries(
  options: QueryDataOptions,
  part: 'train' | 'validation',
  datasets: readonly Dataset[],
): Promise<ValidationSet> {
  const plan = planQueries(datasets, queryPlanOptions(part, options.perPhoto));
  const square = squareOf(options.tower);
  const folder = join(options.cache, `${part}${square.ending}`);
  const queries = await buildQueryCache(
    folder,
    plan.queries,
    options.seed,
    (done, total) => options.onProgress(`query pictures, ${part}`, done, total),
    square,
  );
  const gallery = await keptGalleryVectors(
    folder,
    options.backbone,
    options.tower,
    plan.photos,
    options.session,
    (done, total) => options.onProgress(`gallery, ${part}`, done, total),
  );
  const captions = planCaptions(datasets);
  const most = part === 'validation' ? options.validationPerStyle : undefined;
  if (most === undefined) return { queries, gallery, captions };
  return {
    queries: thinQueries(queries, datasets, most),
    gallery,
    captions: thinCaptions(captions, most * datasets.length),
  };
}

/** At most so many queries of each style, brought or made, and dataset, spread evenly over those that there are. */
function thinQueries(cache: QueryCache, datasets: readonly Dataset[], most: number): QueryCache {
  const ends: number[] = [];
  for (const { images } of datasets) ends.push((ends.at(-1) ?? 0) + images.length);
  const groups = new Map<string, number[]>();
  cache.queries.forEach(({ style, maker, targets }, index) => {
    const dataset = ends.findIndex((end) => (targets[0] ?? 0) < end);
    const key = `${dataset} ${style} ${maker === null ? '' : 'made'} ${targets.length > 1 ? 'class' : ''}`;
    const group = groups.get(key) ?? [];
    group.push(index);
    groups.set(key, group);
  });
  const kept = [...groups.values()].flatMap((group) =>
    group.length <= most
      ? group
      : Array.from({ length: most }, (_, i) => group[Math.floor((i * group.length) / most)] ?? 0),
  );
  return selectQueries(
    cache,
    kept.sort((a, b) => a - b),
  );
}

async function trainFrom(
  options: QueryRunOptions,
  weights: Map<string, Parameter>,
  train: ValidationSet,
  validation: ValidationSet,
): Promise<BestEpoch> {
  const path = join(options.work, 'checkpoint.safetensors');
  const log = join(options.work, 'metrics.jsonl');
  const settings = runSettings(options);
  const resume = existsSync(path) ? await readResume(path, weights, settings) : undefined;
  return trainQuery({
    ...shapeOf(options),
    weights,
    gallery: train.gallery,
    ...(train.captions ? { captions: train.captions } : {}),
    queries: train.queries,
    batch: options.batch,
    epochs: options.epochs,
    stepsPerEpoch: options.stepsPerEpoch,
    peakRate: options.peakRate,
    seed: options.seed,
    patience: options.patience,
    session: options.session,
    validate: (current) => validateQueries(current, options, validation, options.session),
    ...(resume ? { resume } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
    onStep: ({ step, total, loss }) =>
      options.onProgress('training', step + 1, total, `loss ${loss.toFixed(3)}`),
    onEpoch: async (report) => {
      const { epoch, scores, score, best } = report;
      await appendFile(log, `${JSON.stringify({ epoch, score, best: best.epoch, 'hit@1': scores })}\n`);
      await saveResume(path, weights, report, settings);
      options.onEpoch?.(report);
    },
  });
}

const shapeOf = ({ tower, tuning, clusters, styleSize, text }: QueryTowerShape): QueryTowerShape => ({
  tower,
  tuning,
  clusters,
  ...(styleSize === undefined ? {} : { styleSize }),
  ...(text === undefined ? {} : { text }),
});

/** What must be equal for a run to go on from a checkpoint. */
const runSettings = ({ tuning, clusters, seed, epochs, stepsPerEpoch, batch, peakRate }: QueryRunOptions) =>
  JSON.stringify({ tuning, clusters, seed, epochs, stepsPerEpoch, batch, peakRate });

const BEST = 'best/';

/** The best epoch's weights travel in the same file, without moments. */
async function saveResume(
  path: string,
  weights: ReadonlyMap<string, Parameter>,
  report: EpochReport,
  settings: string,
): Promise<void> {
  const learned = [...weights].filter(([name]) => name.startsWith('query.'));
  const kept = [...report.best.weights].map(([name, data]): [string, Parameter] => [
    BEST + name,
    { shape: weights.get(name)?.shape ?? [data.length], data },
  ]);
  await saveCheckpoint(path, {
    parameters: new Map([...learned, ...kept]),
    state: report.state,
    meta: { epoch: report.epoch, bestEpoch: report.best.epoch, bestScore: report.best.score, settings },
  });
}

async function readResume(path: string, weights: Map<string, Parameter>, settings: string) {
  const { parameters, state, meta } = await loadCheckpoint(path);
  if (meta.settings !== undefined && meta.settings !== settings) {
    throw new CheckpointError(
      path,
      `it belongs to a run with other settings (${meta.settings}), this one has ${settings}`,
    );
  }
  const best = new Map<string, Float32Array>();
  for (const [name, parameter] of parameters) {
    if (name.startsWith(BEST)) best.set(name.slice(BEST.length), parameter.data);
    else weights.set(name, parameter);
  }
  return {
    epoch: Number(meta.epoch),
    state,
    best: { epoch: Number(meta.bestEpoch), score: Number(meta.bestScore), weights: best },
  };
}
