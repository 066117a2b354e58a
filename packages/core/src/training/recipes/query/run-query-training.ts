import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../../datasets/dataset.js';
import { namedVersions } from '../../../datasets/dataset-version.js';
import { CoreError } from '../../../errors.js';
import { countParameters, type ParameterCount } from '../../../freestyle/count-parameters.js';
import { initialiseQueryTower, type QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Parameter } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import { type FitResult, fit } from '../../fit.js';
import { requireOwnCheckpoint } from '../../fit-checkpoint.js';
import type { Recipe } from '../../recipe.js';
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
import { frozenHashes, queryIdentity } from './query-identity.js';
import { queryRecipe } from './query-recipe.js';
import type { QueryDataOptions, QueryRunOptions } from './query-run-options.js';
import { type SharedPictures, sharedPictures } from './shared-pictures.js';
import { measureStylePlaces } from './style-places.js';
import { closeValidation, scoreOfStyles, type ValidationSet, validateQueries } from './validate-queries.js';

export interface QueryRunResult {
  /** Backbone, style space and the learned `query.*` of the best validation. */
  readonly weights: Map<string, Parameter>;
  readonly fit: FitResult;
  readonly count: ParameterCount;
  readonly shared: SharedPictures;
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

/** A frozen weight is another after training: a defect, and never a model to ship. */
export class FrozenWeightsError extends CoreError {
  constructor(changed: 'backbone' | 'style') {
    super(
      'FROZEN_WEIGHTS_CHANGED',
      `query training: the frozen weights of the ${changed} changed, expected the very same bits; the run is not used`,
      { changed },
    );
  }
}

/** Trains a query tower on datasets: makes the query pictures that are missing, encodes the frozen gallery, trains,
 *  validates before the first step and after each epoch, and checks at the end that nothing frozen changed.
 *  @throws {OtherRunError} for the work folder of another run, before anything is made.
 *  @throws {FrozenWeightsError} */
export async function runQueryTraining(options: QueryRunOptions): Promise<QueryRunResult> {
  const frozen = frozenHashes(options.backbone);
  const identity = queryIdentity(options, frozen);
  const path = join(options.work, CHECKPOINT);
  // First, so that a run that is refused makes no pictures.
  await requireOwnCheckpoint(path, identity);
  await mkdir(options.work, { recursive: true });
  const shared = options.unvalidated
    ? { photos: 0, queries: 0 }
    : await sharedPictures(options.train, options.validation);
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
    const goesOn = existsSync(path) && !options.keep;
    if (options.tuning.centred && options.initial?.has('query.offsets') !== true && !goesOn)
      await measureStylePlaces(weights, options, train.queries, options.seed, options.session);
    const count = countParameters(weights);
    options.onStart?.({ count, shared });
    const recipe = await recipeOf(options, weights, train, validation);
    const result = await fit(recipe, {
      checkpoint: path,
      log: join(options.work, 'metrics.jsonl'),
      logged: namedVersions(options.versions),
      ...identity,
      session: options.session,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    });
    const after = frozenHashes(options.backbone);
    for (const part of ['backbone', 'style'] as const)
      if (after[part] !== frozen[part]) throw new FrozenWeightsError(part);
    return { weights, fit: result, count, shared, validation };
  } catch (error) {
    await closeValidation(validation);
    throw error;
  } finally {
    await train.queries.close();
  }
}

/** The run as a recipe; its data stay open until the training is over. */
function recipeOf(
  options: QueryRunOptions,
  weights: Map<string, Parameter>,
  train: ValidationSet,
  validation: ValidationSet,
): Promise<Recipe> {
  const seen = new Set(train.queries.queries.map(({ style }) => style));
  if (options.tuning.textPrompts) seen.add('text');
  const { batch, epochs, stepsPerEpoch, peakRate, seed, patience, session } = options;
  return queryRecipe({
    ...shapeOf(options),
    ...{ weights, batch, epochs, stepsPerEpoch, peakRate, seed, patience, session },
    gallery: train.gallery,
    queries: train.queries,
    ...(train.captions ? { captions: train.captions } : {}),
    ...(options.unvalidated
      ? {}
      : { validate: (current) => validateQueries(current, options, validation, session, seen) }),
    score: scoreOfStyles,
    ...(options.compared ? { start: 'told' } : {}),
    ...(options.loss ? { loss: options.loss } : {}),
    ...(options.keep ? { keep: options.keep } : {}),
  });
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

const shapeOf = ({ tower, tuning, clusters, styleSize, text }: QueryTowerShape): QueryTowerShape => ({
  tower,
  tuning,
  clusters,
  ...(styleSize === undefined ? {} : { styleSize }),
  ...(text === undefined ? {} : { text }),
});
