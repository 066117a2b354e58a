import { createQuerySession } from '../../../freestyle/query-session.js';
import type { QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Parameter, ParameterMap } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { type AdamWState, adamW } from '../../adamw.js';
import { warmupCosine } from '../../schedule.js';
import { createTrainingStep } from '../../training-step.js';
import type { PlannedCaption } from './caption-queries.js';
import { type BatchContext, drawBatch, textsOf } from './draw-batch.js';
import { MAX_BANK, negativeCells } from './loss-bank.js';
import type { PlannedQuery, QueryCache } from './query-cache.js';
import { type QueryLoss, queryObjective } from './query-objective.js';
import { createQuerySampler } from './query-sampler.js';

/** Scores of one validation: a share between 0 and 1 by style. */
export type ValidationScores = Readonly<Record<string, number>>;

export interface QueryTrainingOptions extends QueryTowerShape {
  /** The frozen backbone (`image.*`, `style.*`) and the `query.*` weights that learn, changed in place. */
  readonly weights: Map<string, Parameter>;
  /** Unit vectors of the training gallery by the frozen backbone, `[photos, embedding]`. */
  readonly gallery: Float32Array;
  readonly queries: QueryCache;
  /** Captions that text prompts learn from; a quarter as many as pictures stand in a step. */
  readonly captions?: readonly PlannedCaption[];
  readonly batch: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly peakRate: number;
  readonly seed: number;
  readonly loss?: QueryLoss;
  /** Weight of staying near the untrained tower on photos and paintings; 0 when absent. */
  readonly keep?: number;
  /** The weights that the tower started from, for a run that goes on; the present ones when absent. */
  readonly start?: ParameterMap;
  /** Epochs without a better validation score before the run stops. */
  readonly patience: number;
  /** Scores the weights after each epoch; where absent the last epoch's stay. */
  readonly validate?: (weights: ParameterMap) => Promise<ValidationScores>;
  readonly session?: SessionOptions;
  /** State of a killed run, as {@link QueryTrainingHooks.onEpoch} gave it. */
  readonly resume?: { readonly epoch: number; readonly state: AdamWState; readonly best: BestEpoch };
  readonly signal?: AbortSignal;
  readonly onStep?: (report: { step: number; total: number; loss: number; gradientNorm: number }) => void;
  readonly onEpoch?: (report: EpochReport) => Promise<void>;
}

export interface BestEpoch {
  readonly epoch: number;
  readonly score: number;
  /** A copy of the learned weights at that epoch. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

export interface EpochReport {
  readonly epoch: number;
  readonly scores: ValidationScores;
  readonly score: number;
  readonly best: BestEpoch;
  readonly state: AdamWState;
}

/** What a copy of the tower learns with beside prompts, which take ten times larger steps. */
const COPY_RATE = 0.1;

/** Trains the `query.*` weights against the frozen gallery; validation after each epoch picks the weights that stay.
 *  Every draw of epoch e comes from the seed and e alone, so a run resumed at an epoch is the run unkilled. */
export async function trainQuery(options: QueryTrainingOptions): Promise<BestEpoch> {
  const { weights, tower, batch, keep = 0 } = options;
  const photos = options.gallery.length / tower.embedding;
  const bank = options.tuning.symmetric ? batch : Math.min(photos, MAX_BANK);
  if (!weights.has('query.logit_scale')) {
    weights.set('query.logit_scale', { shape: [], data: Float32Array.of(Math.log(20)) });
  }
  const step = await createTrainingStep({
    name: `query-${options.tuning.method}`,
    weights,
    trainable: (name) => name.startsWith('query.'),
    build: (graph, source) =>
      queryObjective(graph, source, options, {
        batch,
        bank,
        texts: textsOf(options),
        keep,
        ...(options.loss ? { loss: options.loss } : {}),
      }),
    optimiser: adamW({
      beta2: 0.98,
      weightDecay: (_, p) => (p.shape.length > 1 ? 0.02 : 0),
      ...(options.tuning.whole ? { rate: (name) => (name.startsWith('query.image.') ? COPY_RATE : 1) } : {}),
    }),
    clipNorm: 1,
    ...(options.resume ? { state: options.resume.state } : {}),
    ...(options.session ? { session: options.session } : {}),
  });
  const context: BatchContext = {
    options,
    bank,
    cells: negativeCells(options.gallery, tower.embedding, createRandom(`${options.seed}:cells`)),
    frozen: keep > 0 ? await createQuerySession(options.start ?? weights, options, options.session) : null,
    photoQueries: photoQueriesOf(options.queries.queries),
  };
  const total = options.epochs * options.stepsPerEpoch;
  let best: BestEpoch = options.resume?.best ?? { epoch: -1, score: -1, weights: copyOf(step.trained) };
  try {
    for (let epoch = options.resume ? options.resume.epoch + 1 : 0; epoch < options.epochs; epoch++) {
      // Asked before an epoch, so that a run killed after its last one stays ended.
      if (epoch - best.epoch > options.patience) break;
      const random = createRandom(`${options.seed}:epoch:${epoch}`);
      const sampler = createQuerySampler(options.queries.queries, random.fork('order'));
      const draw = () => drawBatch(context, sampler.batch(batch), random);
      let next = draw();
      for (let index = 0; index < options.stepsPerEpoch; index++) {
        options.signal?.throwIfAborted();
        const at = epoch * options.stepsPerEpoch + index;
        const feeds = await next;
        if (index + 1 < options.stepsPerEpoch) {
          // The next pictures are read and cropped while this step computes.
          next = draw();
          next.catch(() => {});
        }
        const rate = warmupCosine(at, { peak: options.peakRate, warmup: Math.min(100, total / 10), total });
        const { loss, gradientNorm } = await step.step([feeds], rate);
        options.onStep?.({ step: at, total, loss, gradientNorm });
      }
      const scores = (await options.validate?.(weights)) ?? {};
      const values = Object.values(scores);
      const score = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
      if (score > best.score || !options.validate) best = { epoch, score, weights: copyOf(step.trained) };
      await options.onEpoch?.({ epoch, scores, score, best, state: step.state });
    }
  } finally {
    await Promise.all([step.close(), context.frozen?.close()]);
  }
  for (const [name, data] of best.weights) weights.get(name)?.data.set(data);
  return best;
}

/** The photos themselves stand among the queries; which one is which photo. */
const photoQueriesOf = (queries: readonly PlannedQuery[]): Map<number, number> =>
  new Map(
    queries.flatMap(({ style, maker, targets }, index) =>
      style === 'photo' && maker === null && targets.length === 1 ? [[targets[0] ?? 0, index] as const] : [],
    ),
  );

const copyOf = (parameters: ReadonlyMap<string, Parameter>): Map<string, Float32Array> =>
  new Map([...parameters].map(([name, { data }]) => [name, data.slice()]));
