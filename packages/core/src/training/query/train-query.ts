import type { QueryTowerShape } from '../../freestyle/query-tower.js';
import type { TunableTextTower } from '../../models/tunable-tower.js';
import type { Parameter, ParameterMap } from '../../nn/parameters.js';
import { createRandom, type Random } from '../../random.js';
import { float32, type HostTensor, hostTensor, type SessionOptions } from '../../runtime/session.js';
import { type AdamWState, adamW } from '../adamw.js';
import { warmupCosine } from '../schedule.js';
import { createTrainingStep } from '../training-step.js';
import { augmentQuery } from './augment-query.js';
import type { PlannedCaption } from './caption-queries.js';
import type { PlannedQuery, QueryCache } from './query-cache.js';
import { queryObjective } from './query-objective.js';
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
  /** Epochs without a better validation score before the run stops. */
  readonly patience: number;
  readonly validate: (weights: ParameterMap) => Promise<ValidationScores>;
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

/** Larger galleries are sampled: the photos meant, and others drawn at random. */
const MAX_BANK = 8192;

/** Trains the `query.*` weights against the frozen gallery; validation after each epoch picks the weights that stay.
 *  Every draw of epoch e comes from the seed and e alone, so a run resumed at an epoch is the run unkilled. */
export async function trainQuery(options: QueryTrainingOptions): Promise<BestEpoch> {
  const { weights, tower, batch } = options;
  const photos = options.gallery.length / tower.embedding;
  const bank = Math.min(photos, MAX_BANK);
  if (!weights.has('query.logit_scale')) {
    weights.set('query.logit_scale', { shape: [], data: Float32Array.of(Math.log(20)) });
  }
  const step = await createTrainingStep({
    name: `query-${options.tuning.method}`,
    weights,
    trainable: (name) => name.startsWith('query.'),
    build: (graph, source) =>
      queryObjective(graph, source, options, { batch, bank, texts: textsOf(options) }),
    optimiser: adamW({ beta2: 0.98, weightDecay: (_, p) => (p.shape.length > 1 ? 0.02 : 0) }),
    clipNorm: 1,
    ...(options.resume ? { state: options.resume.state } : {}),
    ...(options.session ? { session: options.session } : {}),
  });
  const total = options.epochs * options.stepsPerEpoch;
  let best: BestEpoch = options.resume?.best ?? { epoch: -1, score: -1, weights: copyOf(step.trained) };
  try {
    for (let epoch = options.resume ? options.resume.epoch + 1 : 0; epoch < options.epochs; epoch++) {
      // Asked before an epoch, so that a run killed after its last one stays ended.
      if (epoch - best.epoch > options.patience) break;
      const random = createRandom(`${options.seed}:epoch:${epoch}`);
      const sampler = createQuerySampler(options.queries.queries, random.fork('order'));
      const draw = () => drawBatch(options, sampler.batch(batch), bank, random);
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
      const scores = await options.validate(weights);
      const values = Object.values(scores);
      const score = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
      if (score > best.score) best = { epoch, score, weights: copyOf(step.trained) };
      await options.onEpoch?.({ epoch, scores, score, best, state: step.state });
    }
  } finally {
    await step.close();
  }
  for (const [name, data] of best.weights) weights.get(name)?.data.set(data);
  return best;
}

/** Texts in a step: one for each picture of a style, as there are sketches, art, low-res pictures and photos. */
const textsOf = ({ tuning, text, captions = [], batch }: QueryTrainingOptions): number =>
  tuning.textPrompts && text && captions.length > 0 ? Math.max(1, Math.round(batch / 4)) : 0;

const copyOf = (parameters: ReadonlyMap<string, Parameter>): Map<string, Float32Array> =>
  new Map([...parameters].map(([name, { data }]) => [name, data.slice()]));

async function drawBatch(
  options: QueryTrainingOptions,
  indices: readonly number[],
  bank: number,
  random: Random,
): Promise<Record<string, HostTensor>> {
  const { tower, queries, gallery } = options;
  const { size } = tower;
  const pixels = new Uint8Array(indices.length * size * size * 3);
  const pictures = await Promise.all(indices.map((index) => queries.picture(index)));
  pictures.forEach((picture, slot) => {
    const query = queries.queries[indices[slot] ?? 0];
    const style = query?.style ?? '';
    const view = augmentQuery(
      picture,
      { size, style, mayFlip: (query?.kin ?? query?.targets ?? []).length > 1 },
      random,
    );
    pixels.set(view.data, slot * size * size * 3);
  });
  const { captions = [] } = options;
  const texts = Array.from(
    { length: textsOf(options) },
    () => captions[random.integer(captions.length)] ?? { text: '', target: 0 },
  );
  const members = bankMembers(options, indices, texts, bank, random);
  const marked = (rightOf: (query: PlannedQuery) => readonly number[]): HostTensor => {
    const marks = new Uint8Array(indices.length * bank);
    indices.forEach((index, slot) => {
      const query = queries.queries[index];
      for (const photo of query ? rightOf(query) : []) {
        const place = members.place(photo);
        if (place !== undefined) marks[slot * bank + place] = 1;
      }
    });
    return hostTensor('uint8', marks, [indices.length, bank]);
  };
  return {
    pixels: hostTensor('uint8', pixels, [indices.length, size, size, 3]),
    bank: float32(members.rows ?? gallery, [bank, tower.embedding]),
    meant: marked(({ targets }) => targets),
    kin: marked(({ targets, kin }) => kin ?? targets),
    ...(texts.length > 0 && options.text ? textFeeds(options.text, texts, members.place, bank) : {}),
  };
}

/** The texts of a step, and where the photos that they mean stand in the bank. */
function textFeeds(
  tower: TunableTextTower,
  texts: readonly PlannedCaption[],
  place: (photo: number) => number | undefined,
  bank: number,
): Record<string, HostTensor> {
  const marks = new Uint8Array(texts.length * bank);
  texts.forEach(({ target }, row) => {
    const at = place(target);
    if (at !== undefined) marks[row * bank + at] = 1;
  });
  return {
    ...tower.feeds(texts.map(({ text }) => text)),
    text_meant: hostTensor('uint8', marks, [texts.length, bank]),
  };
}

/** Which photos stand in the loss of one step: all of a small gallery, else those meant and a random rest. */
function bankMembers(
  options: QueryTrainingOptions,
  indices: readonly number[],
  texts: readonly PlannedCaption[],
  bank: number,
  random: Random,
): { readonly rows: Float32Array | null; place(photo: number): number | undefined } {
  const width = options.tower.embedding;
  const photos = options.gallery.length / width;
  if (bank === photos) return { rows: null, place: (photo) => photo };
  const places = new Map<number, number>();
  const take = (photo: number) => {
    if (places.size < bank && !places.has(photo)) places.set(photo, places.size);
  };
  for (const { target } of texts) take(target);
  for (const index of indices) {
    // A class can be larger than the bank: a few of its photos are enough to aim at.
    const targets = options.queries.queries[index]?.targets ?? [];
    for (const target of targets.length > 16 ? random.shuffle([...targets]).slice(0, 16) : targets)
      take(target);
  }
  while (places.size < bank) take(random.integer(photos));
  const rows = new Float32Array(bank * width);
  for (const [photo, place] of places) {
    rows.set(options.gallery.subarray(photo * width, (photo + 1) * width), place * width);
  }
  return { rows, place: (photo) => places.get(photo) };
}
