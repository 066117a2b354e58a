import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultSmallConfig, type SmallConfig } from '../../../models/small/config.js';
import { exportBase } from '../../../models/small/export-small.js';
import { gridSize, imageTowerSpecs } from '../../../models/small/image-tower.js';
import { textTowerSpecs } from '../../../models/small/text-tower.js';
import { linearSpecs } from '../../../nn/linear.js';
import { initialise, type Parameter, type ParameterMap } from '../../../nn/parameters.js';
import { createRandom, type Random } from '../../../random.js';
import { createSession, type SessionOptions } from '../../../runtime/session.js';
import { createTokenizer, type Tokenizer } from '../../../text/tokenizer.js';
import type { TokenizerJson } from '../../../text/tokenizer-json.js';
import { trainBpeTokenizer } from '../../../text/train-bpe-tokenizer.js';
import { atomicWrite } from '../../../weights/atomic-write.js';
import type { BundleManifest } from '../../../weights/bundle-manifest.js';
import type { ModelBundle } from '../../../weights/model-bundle.js';
import { loadSafetensors } from '../../../weights/read-safetensors.js';
import { writeSafetensors } from '../../../weights/write-safetensors.js';
import { warmupCosine } from '../../schedule.js';
import type { BaseCorpus } from './base-corpus.js';
import { requireOwnWork } from './base-settings.js';
import { type CaptionedPictures, captionedPictures, pick } from './captioned-pictures.js';
import { buildViews, planViews, TEACHER_WIDTH } from './distillation-views.js';
import { encodeCaptions, poolViews } from './encode-captions.js';
import { LAYOUT_WIDTH, trainImageStage } from './image-stage.js';
import { trainTextStage } from './text-stage.js';
import { gatherRows, openViewStore, type ViewStore } from './view-store.js';

export interface TrainBaseOptions {
  readonly corpus: BaseCorpus;
  /** Bytes of the teacher, an ONNX model (see `buildViews` for its signature). */
  readonly teacher: Uint8Array;
  /** Where views, tokenizer and finished stages are kept; a killed run goes on from there. */
  readonly work: string;
  /** Folder of the bundle to write. */
  readonly out: string;
  readonly name: string;
  readonly seed: number;
  readonly textSteps: number;
  /** Steps that see half of the patches, then steps that see them all. */
  readonly imageSteps: readonly [number, number];
  readonly tuneSteps: number;
  readonly session: SessionOptions;
  /** Shape of the towers (the vocabulary follows from the captions) and of a step; the product's own when absent. */
  readonly sizes?: TrainBaseSizes;
  /** A backbone to go on from: its tokenizer, towers and shape are taken over, so that its joint space stays about where
   *  it was. */
  readonly from?: InitialBackbone;
  readonly training: BundleManifest['training'];
  readonly onProgress: (stage: string, done: number, total: number, detail?: string) => void;
}

export interface InitialBackbone {
  readonly config: SmallConfig;
  readonly tokenizer: TokenizerJson;
  /** `image.*` and `text.*`. */
  readonly weights: ParameterMap;
}

export interface TrainBaseSizes {
  readonly config: SmallConfig;
  /** Pictures in one step of the image stage, and how many of them have captions. */
  readonly batch: number;
  readonly captioned: number;
}

const defaultSizes: TrainBaseSizes = { config: defaultSmallConfig, batch: 64, captioned: 48 };
const TEXT_BATCH = 256;
/** A run killed in the image stage loses at most this many steps. */
const SAVE_EVERY = 250;

interface Run {
  readonly options: TrainBaseOptions;
  readonly config: SmallConfig;
  readonly sizes: TrainBaseSizes;
  readonly tokenizer: Tokenizer;
  readonly weights: Map<string, Parameter>;
  readonly views: ViewStore;
  readonly pairs: CaptionedPictures;
  readonly random: Random;
}

/** Trains the small dual encoder from nothing: views and the teacher's features, a tokenizer, the text tower on the
 *  teacher's features, the image tower as the teacher's student, then the text tower again on the student's own
 *  features. Each finished stage is a file below `work`.
 *  @throws {OtherRunError} for the work folder of a run with other settings. */
export async function trainBase(options: TrainBaseOptions): Promise<ModelBundle> {
  await mkdir(options.work, { recursive: true });
  const sizes = options.sizes ?? defaultSizes;
  await requireOwnWork(options, sizes);
  const json = await ownTokenizer(options, sizes);
  const tokenizer = createTokenizer(json);
  const config: SmallConfig = options.from?.config ?? {
    ...sizes.config,
    text: { ...sizes.config.text, vocabulary: tokenizer.vocabSize },
  };
  const views = await makeViews(options, config);
  const plan = planViews(options.corpus.passes);
  const random = createRandom(options.seed);
  const pairs = captionedPictures(plan, views.count, options.corpus.captions, tokenizer, config.text.context);
  const run: Run = {
    options,
    config,
    sizes,
    tokenizer,
    views,
    pairs,
    random,
    weights: initialWeights(config, random, options.from),
  };
  try {
    await stage(run, 'text', /^(text|bridge|logit_scale)/, () => trainTexts(run));
    await stage(run, 'image', /^(image|distil|layout)\./, () => trainImages(run));
    await stage(run, 'tune', /^(text|image\.projection|logit_scale)/, () => tuneTexts(run));
  } finally {
    await views.close();
  }
  return exportBase(options.out, {
    name: options.name,
    config,
    weights: run.weights,
    tokenizer: json,
    training: { ...options.training, seed: options.seed },
    evaluation: {},
  });
}

/** Runs a stage once: its result is kept, and read back when the run is started again. */
async function stage(run: Run, name: string, learned: RegExp, work: () => Promise<void>): Promise<void> {
  const path = join(run.options.work, `${name}.safetensors`);
  const done = await loadSafetensors(path).catch(() => null);
  if (done) {
    for (const [key, { data }] of done) run.weights.get(key)?.data.set(data);
    run.options.onProgress(name, 1, 1, 'already done');
    return;
  }
  await work();
  const kept = [...run.weights].filter(([key]) => learned.test(key));
  await writeSafetensors(path, new Map(kept));
}

async function ownTokenizer(options: TrainBaseOptions, sizes: TrainBaseSizes): Promise<TokenizerJson> {
  if (options.from) return options.from.tokenizer;
  const path = join(options.work, 'tokenizer.json');
  const known = await readFile(path, 'utf8').catch(() => null);
  if (known !== null) return JSON.parse(known) as TokenizerJson;
  const json = trainBpeTokenizer(options.corpus.captions.flat(), { vocabSize: sizes.config.text.vocabulary });
  await atomicWrite(path, (file) => file.writeFile(JSON.stringify(json)));
  return json;
}

async function makeViews(options: TrainBaseOptions, config: SmallConfig): Promise<ViewStore> {
  const folder = join(options.work, 'views');
  const teacher = await createSession(options.teacher, options.session);
  try {
    await buildViews({
      ...options.corpus,
      folder,
      teacher,
      seed: options.seed,
      size: config.image.size,
      onProgress: (done, total) => options.onProgress('views', done, total),
    });
  } finally {
    await teacher.close();
  }
  return openViewStore(folder, config.image.size);
}

function initialWeights(
  config: SmallConfig,
  random: Random,
  from: InitialBackbone | undefined,
): Map<string, Parameter> {
  const weights = initialise(
    {
      ...imageTowerSpecs('image', config),
      ...textTowerSpecs('text', config),
      ...linearSpecs('bridge', TEACHER_WIDTH, config.embedding, { bias: false }),
      ...linearSpecs('distil', config.image.width, TEACHER_WIDTH),
      ...linearSpecs('layout', config.embedding, LAYOUT_WIDTH),
    },
    random.fork('init'),
  );
  // CLIP's start, 1/temperature = 14.
  weights.set('logit_scale', { shape: [], data: Float32Array.of(Math.log(1 / 0.07)) });
  for (const [name, { data }] of from?.weights ?? []) weights.get(name)?.data.set(data);
  return weights;
}

const lossText = (loss: number): string => `loss ${loss.toFixed(3)}`;

function trainTexts(run: Run): Promise<void> {
  const { options, config, weights, views, pairs, tokenizer } = run;
  return trainTextStage({
    config,
    weights,
    featureWidth: TEACHER_WIDTH,
    features: views.features,
    pairs,
    endId: tokenizer.endId,
    steps: options.textSteps,
    batch: Math.min(TEXT_BATCH, pairs.pictures.length),
    peakRate: 1e-3,
    // Towers that were there keep their joint space: only the teacher's way into it is learned.
    learns: options.from ? 'bridge' : 'both',
    random: run.random.fork('text'),
    session: options.session,
    onStep: (step, loss) => options.onProgress('text', step + 1, options.textSteps, lossText(loss)),
  });
}

async function trainImages(run: Run): Promise<void> {
  const { options, config, weights, views, pairs, tokenizer } = run;
  const vectors = await encodeCaptions(
    weights,
    config,
    pairs.captions,
    tokenizer.endId,
    run.random.fork('captions'),
    options.session,
  );
  const plan = planViews(options.corpus.passes).slice(0, views.count);
  const captioned = new Set(pairs.pictures);
  const others = plan.flatMap((view, index) => (captioned.has(view.picture) ? [] : [index]));
  const [half, whole] = options.imageSteps;
  const { batch, captioned: captionedSlots } = run.sizes;
  const patches = gridSize(config) ** 2;
  const total = half + whole;
  const draw = (random: Random) => {
    const width = config.embedding;
    const captions = new Float32Array(captionedSlots * width);
    const drawn: number[] = [];
    const pictures = random.shuffle([...pairs.pictures]);
    for (let slot = 0; slot < captionedSlots; slot++) {
      const picture = pictures[slot % pictures.length] ?? 0;
      const rows = vectors[picture] ?? new Float32Array(width);
      const row = random.integer(rows.length / width);
      captions.set(rows.subarray(row * width, (row + 1) * width), slot * width);
      drawn.push(pick(pairs.views[picture] ?? [], random));
    }
    const rest = others.length > 0 ? others : plan.map((_, index) => index);
    while (drawn.length < batch) drawn.push(pick(rest, random));
    return { views: drawn, captions };
  };
  await trainImageStage({
    config,
    weights,
    views,
    batch,
    captioned: captionedSlots,
    draw,
    phases: [
      { tokens: patches / 2, steps: half },
      { tokens: patches, steps: whole },
    ],
    rate: (step) => warmupCosine(step, { peak: 1e-3, warmup: Math.min(200, total / 10), total, floor: 1e-6 }),
    seed: options.seed,
    session: options.session,
    checkpoint: { path: join(options.work, 'image.checkpoint.safetensors'), every: SAVE_EVERY },
    onStep: (step, loss) => options.onProgress('image', step + 1, total, lossText(loss)),
  });
}

/** Views of each captioned picture that the last stage learns from: more only repeat one another. */
const TUNING_VIEWS = 4;
/** Share of the tuned text tower in the one that is kept; the rest is the tower from before. Averaging the two
 *  (Wortsman et al. 2022, WiSE-FT) gave more on validation than either. */
const TUNED_SHARE = 0.7;

async function tuneTexts(run: Run): Promise<void> {
  const { options, config, weights, views, tokenizer } = run;
  const pairs = { ...run.pairs, views: run.pairs.views.map((list) => list.slice(0, TUNING_VIEWS)) };
  const pooledViews = pairs.pictures.flatMap((picture) => pairs.views[picture] ?? []);
  const rowOf = new Map(pooledViews.map((view, row) => [view, row]));
  const pooled = await poolViews(weights, config, views, pooledViews, options.session, (done, total) =>
    options.onProgress('pooling', done, total),
  );
  const before = new Map([...weights].map(([name, { data }]) => [name, data.slice()]));
  const { width } = config.image;
  const projection = weights.get('image.projection.weight');
  if (!projection) throw new RangeError('the image tower has no projection');
  await trainTextStage({
    config,
    // The student's own projection stands where the bridge from the teacher was.
    weights: new Map([...weights, ['bridge.weight', projection]]),
    featureWidth: width,
    features: (indices) =>
      gatherRows(
        pooled,
        width,
        Array.from(indices, (view) => rowOf.get(view) ?? 0),
      ),
    pairs,
    endId: tokenizer.endId,
    steps: options.tuneSteps,
    batch: Math.min(TEXT_BATCH, pairs.pictures.length),
    peakRate: 3e-4,
    learns: 'text',
    random: run.random.fork('tune'),
    session: options.session,
    onStep: (step, loss) => options.onProgress('tune', step + 1, options.tuneSteps, lossText(loss)),
  });
  for (const [name, { data }] of weights) {
    const old = name.startsWith('text.') ? before.get(name) : undefined;
    if (!old) continue;
    for (let i = 0; i < data.length; i++) {
      data[i] = TUNED_SHARE * (data[i] as number) + (1 - TUNED_SHARE) * (old[i] as number);
    }
  }
}
