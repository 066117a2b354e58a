import { createQuerySession } from '../../../freestyle/query-session.js';
import type { QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Parameter, ParameterMap } from '../../../nn/parameters.js';
import { createRandom, type Random } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { adamW } from '../../adamw.js';
import type { Recipe, RecipeValidation, ValidationFigure } from '../../recipe.js';
import { warmupCosine } from '../../schedule.js';
import { type BatchContext, drawBatch, type QueryBatchOptions, textsOf } from './draw-batch.js';
import { MAX_BANK, negativeCells } from './loss-bank.js';
import type { PlannedQuery } from './query-cache.js';
import { type QueryLoss, queryObjective } from './query-objective.js';
import { createQuerySampler } from './query-sampler.js';

export interface QueryTrainingOptions extends QueryTowerShape, QueryBatchOptions {
  /** The frozen backbone (`image.*`, `style.*`) and the `query.*` weights that learn, changed in place. */
  readonly weights: Map<string, Parameter>;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly peakRate: number;
  readonly seed: number;
  readonly loss?: QueryLoss;
  /** Weight of staying near the untrained tower on photos and paintings; 0 when absent. */
  readonly keep?: number;
  /** Epochs without a better validation score before the run stops. */
  readonly patience: number;
  /** Measures the weights before the first step and after each epoch; where absent the last epoch's stay. */
  readonly validate?: (weights: ParameterMap) => Promise<readonly ValidationFigure[]>;
  /** The number that picks the epoch; the mean of the figures when absent. */
  readonly score?: RecipeValidation['score'];
  readonly start?: RecipeValidation['start'];
  readonly session?: SessionOptions;
}

/** What a copy of the tower learns with beside prompts, which take ten times larger steps. */
const COPY_RATE = 0.1;
/** Steps of a linear warm-up: AdamW's second moments have then seen about two of their half-lives. */
const WARMUP_STEPS = 100;
/** 1/temperature = 20 at the start: cosines of a frozen gallery differ by about 0.05, which is then one in the logits. */
const START_SCALE = 20;

/** Trains the `query.*` weights against the frozen gallery; the validation after each epoch picks the weights that stay.
 *  Every draw comes from the seed, the epoch and the step alone. */
export async function queryRecipe(options: QueryTrainingOptions): Promise<Recipe> {
  const { weights, tower, tuning, batch, keep = 0, epochs, stepsPerEpoch } = options;
  const photos = options.gallery.length / tower.embedding;
  const bank = tuning.symmetric ? batch : Math.min(photos, MAX_BANK);
  if (!weights.has('query.logit_scale')) {
    weights.set('query.logit_scale', { shape: [], data: Float32Array.of(Math.log(START_SCALE)) });
  }
  const context: BatchContext = {
    options,
    bank,
    cells: negativeCells(options.gallery, tower.embedding, createRandom(`${options.seed}:cells`)),
    // Holds the weights as they are before the first step, also in a run that goes on.
    frozen: keep > 0 ? await createQuerySession(weights, options, options.session) : null,
    photoQueries: photoQueriesOf(options.queries.queries),
  };
  const texts = textsOf(options);
  const total = epochs * stepsPerEpoch;
  const warmup = Math.min(WARMUP_STEPS, total / 10);
  return {
    name: `query-${tuning.method}`,
    seed: options.seed,
    weights,
    phases: [
      {
        name: 'query',
        steps: total,
        trainable: (name) => name.startsWith('query.'),
        loss: (graph, source) =>
          queryObjective(graph, source, options, {
            ...{ batch, bank, texts, keep },
            ...(options.loss ? { loss: options.loss } : {}),
          }),
      },
    ],
    optimiser: adamW({
      // A second moment of 50 steps: batches of a few dozen queries are noisy (Radford et al. 2021 take the same).
      beta2: 0.98,
      // Vectors (prompt gates, norms, the scale) do not decay, as is usual.
      weightDecay: (_, p) => (p.shape.length > 1 ? 0.02 : 0),
      ...(tuning.whole ? { rate: (name) => (name.startsWith('query.image.') ? COPY_RATE : 1) } : {}),
    }),
    clipNorm: 1,
    rate: (step) => warmupCosine(step, { peak: options.peakRate, warmup, total }),
    batches: batchesOf(context, options),
    images: batch + texts,
    ...(options.validate
      ? {
          validation: {
            everySteps: stepsPerEpoch,
            run: options.validate,
            patience: options.patience,
            ...(options.score ? { score: options.score } : {}),
            ...(options.start ? { start: options.start } : {}),
          },
        }
      : {}),
    close: async () => context.frozen?.close(),
  };
}

/** Batches of an epoch follow one another through a deck of its own; one that goes on skips what was drawn before. */
function batchesOf(context: BatchContext, options: QueryTrainingOptions): Recipe['batches'] {
  const { batch, stepsPerEpoch, seed, queries } = options;
  const samplerOf = (epoch: number) =>
    createQuerySampler(queries.queries, createRandom(`${seed}:epoch:${epoch}`).fork('order'));
  let epoch = -1;
  let drawn = 0;
  let sampler = samplerOf(0);
  return async (step: number, random: Random) => {
    const [own, place] = [Math.floor(step / stepsPerEpoch), step % stepsPerEpoch];
    if (own !== epoch || place < drawn) [epoch, drawn, sampler] = [own, 0, samplerOf(own)];
    for (; drawn < place; drawn++) sampler.batch(batch);
    drawn += 1;
    return [await drawBatch(context, sampler.batch(batch), random)];
  };
}

/** The photos themselves stand among the queries; which one is which photo. */
const photoQueriesOf = (queries: readonly PlannedQuery[]): Map<number, number> =>
  new Map(
    queries.flatMap(({ style, maker, targets }, index) =>
      style === 'photo' && maker === null && targets.length === 1 ? [[targets[0] ?? 0, index] as const] : [],
    ),
  );
