import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../../datasets/dataset.js';
import { type DatasetVersion, namedVersions } from '../../../datasets/dataset-version.js';
import { countParameters, type ParameterCount } from '../../../freestyle/count-parameters.js';
import { initialiseQueryTower, type QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Tuning } from '../../../freestyle/tuning.js';
import type { TunableImageTower } from '../../../models/tunable-tower.js';
import type { Parameter, ParameterMap } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { planCaptions, thinCaptions } from './caption-queries.js';
import { keptGalleryVectors } from './gallery-vectors.js';
import { type PlanOptions, planQueries } from './plan-queries.js';
import {
  type CachedSquare,
  makeMissing,
  openQueryCache,
  type QueryCache,
  selectQueries,
  squareOf,
} from './query-cache.js';
import type { QueryLoss } from './query-objective.js';
import { frozenHashes, type RunIdentity, readResume, runIdentity, saveResume } from './resume-query.js';
import { measureStylePlaces } from './style-places.js';
import { type BestEpoch, type EpochReport, trainQuery } from './train-query.js';
import { closeValidation, type ValidationSet, validateQueries } from './validate-queries.js';

/** What the query pictures and the gallery of a run are made from. */
export interface QueryDataOptions {
  readonly tower: TunableImageTower;
  /** The frozen backbone and style space: `image.*`, `style.*`. */
  readonly backbone: ParameterMap;
  /** Query pictures and gallery vectors, shared by all runs on the same data. */
  readonly cache: string;
  readonly seed: number;
  /** Seed of the made query pictures, where runs of several seeds share them; the run's own when absent. */
  readonly pictureSeed?: number;
  /** Make a training picture only when a step draws it: a short run then makes a few of them. All beforehand when
   *  absent, so that a broken photo is told before the training. */
  readonly picturesOnDemand?: boolean;
  /** Made query pictures of each style and training photo. */
  readonly perPhoto: number;
  /** Validation queries of each style at most; all of them when absent. */
  readonly validationPerStyle?: number;
  /** Where a tower of this tuning encodes the gallery too, its pictures are kept beside the queries. */
  readonly tuning?: Tuning;
  readonly session: SessionOptions;
  readonly onProgress: (stage: string, done: number, total: number, detail?: string) => void;
}

export interface QueryRunOptions extends Omit<QueryDataOptions, 'tuning'>, QueryTowerShape {
  /** Learned weights (`query.*`) of an earlier run to begin with, instead of fresh ones. */
  readonly initial?: ParameterMap;
  readonly train: readonly Dataset[];
  readonly validation: readonly Dataset[];
  /** Of the folders that the datasets come from, to be named in the metrics. */
  readonly versions?: readonly DatasetVersion[];
  /** Checkpoint and metrics; a killed run goes on from there. */
  readonly work: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batch: number;
  readonly peakRate: number;
  readonly patience: number;
  readonly loss?: QueryLoss;
  /** Weight of staying near the untrained tower on photos and paintings. */
  readonly keep?: number;
  /** Leave validation and its pictures out: the last epoch's weights stay. */
  readonly unvalidated?: boolean;
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

const CHECKPOINT = 'checkpoint.safetensors';

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
  const frozen = frozenHashes(options.backbone);
  const identity = runIdentity(options, frozen);
  const path = join(options.work, CHECKPOINT);
  // First, so that a run that is refused makes no pictures.
  const resume = existsSync(path) ? await readResume(path, identity) : undefined;
  const train = await prepareQueries(options, 'train', options.train);
  const validation = options.unvalidated
    ? NO_VALIDATION
    : await prepareQueries(options, 'validation', options.validation);
  const weights = new Map([
    ...options.backbone,
    ...initialiseQueryTower(options, options.backbone, createRandom(`${options.seed}:query`)),
    ...(options.initial ?? []),
  ]);
  try {
    // A run that goes on has its places in the checkpoint, but what it stays near is where it started.
    const goesOn = resume !== undefined && !options.keep;
    if (options.tuning.centred && options.initial?.has('query.offsets') !== true && !goesOn)
      await measureStylePlaces(weights, options, train.queries, options.seed, options.session);
    const best = await trainFrom(options, identity, resume, weights, train, validation);
    const after = frozenHashes(options.backbone);
    if (after.backbone !== frozen.backbone || after.style !== frozen.style)
      throw new Error('training changed a frozen weight');
    return { weights, best, count: countParameters(weights), validation };
  } catch (error) {
    await closeValidation(validation);
    throw error;
  } finally {
    await train.queries.close();
  }
}

const NO_VALIDATION: ValidationSet = {
  queries: {
    queries: [],
    count: 0,
    picture: () => Promise.reject(new RangeError('a run without validation has no validation pictures')),
    close: async () => undefined,
  },
  gallery: new Float32Array(),
};

/** Makes the query pictures that are missing and encodes the frozen gallery. Close `queries` after use. */
export async function prepareQueries(
  options: QueryDataOptions,
  part: 'train' | 'validation',
  datasets: readonly Dataset[],
): Promise<ValidationSet> {
  const plan = planQueries(datasets, queryPlanOptions(part, options.perPhoto));
  const square = squareOf(options.tower);
  const folder = join(options.cache, `${part}${square.ending}`);
  const seed = options.pictureSeed ?? options.seed;
  const all = await openQueryCache(folder, plan.queries, seed, square);
  const most = part === 'validation' ? options.validationPerStyle : undefined;
  const queries = most === undefined ? all : thinQueries(all, datasets, most);
  if (part === 'validation' || options.picturesOnDemand !== true)
    await makeMissing(queries, (done, total) => options.onProgress(`query pictures, ${part}`, done, total));
  const gallery = await keptGalleryVectors(
    folder,
    options.backbone,
    options.tower,
    plan.photos,
    options.session,
    (done, total) => options.onProgress(`gallery, ${part}`, done, total),
  );
  const captions = planCaptions(datasets);
  const photos =
    part === 'validation' && options.tuning?.symmetric
      ? await openGalleryPictures(options, plan.photos, square)
      : undefined;
  return {
    queries,
    gallery,
    ...(photos ? { photos } : {}),
    captions: most === undefined ? captions : thinCaptions(captions, most * datasets.length),
  };
}

/** The gallery's own pictures, for towers that encode them too. */
async function openGalleryPictures(
  options: QueryDataOptions,
  paths: readonly string[],
  square: CachedSquare,
): Promise<QueryCache> {
  const plain = paths.map((path, index) => ({ style: 'photo', path, maker: null, targets: [index] }));
  const folder = join(options.cache, `gallery${square.ending}`);
  const pictures = await openQueryCache(folder, plain, 0, square);
  await makeMissing(pictures, (done, total) => options.onProgress('pictures of the gallery', done, total));
  return pictures;
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
  identity: RunIdentity,
  resume: Awaited<ReturnType<typeof readResume>> | undefined,
  weights: Map<string, Parameter>,
  train: ValidationSet,
  validation: ValidationSet,
): Promise<BestEpoch> {
  const path = join(options.work, CHECKPOINT);
  const log = join(options.work, 'metrics.jsonl');
  const losses: number[] = [];
  // Anew after each epoch: validation is no training.
  const pace = { since: performance.now(), pictures: 0 };
  // Before a checkpoint is read over it; learned arrays change in place.
  const start = new Map([...weights].map(([name, one]) => [name, isLearned(name) ? copyOf(one) : one]));
  for (const [name, parameter] of resume?.learned ?? []) weights.set(name, parameter);
  return trainQuery({
    ...shapeOf(options),
    weights,
    ...(options.keep ? { start } : {}),
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
    ...(options.unvalidated
      ? {}
      : {
          validate: (current: ParameterMap) => validateQueries(current, options, validation, options.session),
        }),
    ...(options.loss ? { loss: options.loss } : {}),
    ...(options.keep ? { keep: options.keep } : {}),
    ...(resume ? { resume } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
    onStep: ({ step, total, loss }) => {
      losses.push(loss);
      const seconds = (performance.now() - pace.since) / 1000;
      pace.pictures += options.batch;
      const rate = `${Math.round(pace.pictures / Math.max(1e-3, seconds))} pictures/s`;
      options.onProgress('training', step + 1, total, `loss ${loss.toFixed(3)}, ${rate}`);
    },
    onEpoch: async (report) => {
      const { epoch, scores, score, best } = report;
      const loss = losses.reduce((sum, one) => sum + one, 0) / Math.max(1, losses.length);
      losses.length = 0;
      const named = namedVersions(options.versions);
      const line = { epoch, loss, score, best: best.epoch, 'hit@1': scores, ...named };
      await appendFile(log, `${JSON.stringify(line)}\n`);
      await saveResume(path, weights, report, identity);
      options.onEpoch?.(report);
      Object.assign(pace, { since: performance.now(), pictures: 0 });
    },
  });
}

const isLearned = (name: string): boolean => name.startsWith('query.');
const copyOf = ({ shape, data }: Parameter): Parameter => ({ shape, data: data.slice() });

const shapeOf = ({ tower, tuning, clusters, styleSize, text }: QueryTowerShape): QueryTowerShape => ({
  tower,
  tuning,
  clusters,
  ...(styleSize === undefined ? {} : { styleSize }),
  ...(text === undefined ? {} : { text }),
});
