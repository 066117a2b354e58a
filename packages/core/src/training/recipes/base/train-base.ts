import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultSmallConfig, type SmallConfig } from '../../../models/small/config.js';
import { exportBase } from '../../../models/small/export-small.js';
import { gridSize, imageTowerSpecs } from '../../../models/small/image-tower.js';
import { textTowerSpecs } from '../../../models/small/text-tower.js';
import { linearSpecs } from '../../../nn/linear.js';
import { initialise, type Parameter } from '../../../nn/parameters.js';
import { createRandom, type Random } from '../../../random.js';
import { createSession } from '../../../runtime/session.js';
import { createTokenizer, type Tokenizer } from '../../../text/tokenizer.js';
import type { TokenizerJson } from '../../../text/tokenizer-json.js';
import { trainBpeTokenizer } from '../../../text/train-bpe-tokenizer.js';
import { atomicWrite } from '../../../weights/atomic-write.js';
import type { ModelBundle } from '../../../weights/model-bundle.js';
import { fit } from '../../fit.js';
import type { Recipe } from '../../recipe.js';
import type { RunSettings } from '../../run-settings.js';
import { warmupCosine } from '../../schedule.js';
import type { InitialBackbone, TrainBaseOptions, TrainBaseSizes } from './base-options.js';
import { requireOwnWork } from './base-settings.js';
import { type CaptionedPictures, captionedPictures, pick } from './captioned-pictures.js';
import { buildViews, planViews, TEACHER_WIDTH } from './distillation-views.js';
import { encodeCaptions, poolViews } from './encode-captions.js';
import { imageRecipe, LAYOUT_WIDTH } from './image-stage.js';
import { textRecipe } from './text-stage.js';
import { gatherRows, openViewStore, type ViewStore } from './view-store.js';

const defaultSizes: TrainBaseSizes = { config: defaultSmallConfig, batch: 64, captioned: 48 };
/** Captions in a step of the text stages: they are cheap, and each is a negative of all others. */
const TEXT_BATCH = 256;
interface Run {
  readonly options: TrainBaseOptions;
  readonly settings: RunSettings;
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
 *  features. Each stage is a checkpoint below `work`, from which a killed run goes on.
 *  @throws {OtherRunError} for the work folder of a run with other settings.
 *  @throws {CheckpointError} for a stage whose file is damaged. */
export async function trainBase(options: TrainBaseOptions): Promise<ModelBundle> {
  await mkdir(options.work, { recursive: true });
  const sizes = options.sizes ?? defaultSizes;
  const settings = await requireOwnWork(options, sizes);
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
    settings,
    config,
    sizes,
    tokenizer,
    views,
    pairs,
    random,
    weights: initialWeights(config, random, options.from),
  };
  try {
    await fitStage(run, 'text', textsRecipe(run));
    await fitStage(run, 'image', imagesRecipe(run));
    await tuneTexts(run);
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

/** Runs a stage, or what is left of it: one that is over gives its weights again. */
async function fitStage({ options, settings }: Run, stage: string, recipe: Recipe): Promise<void> {
  const { work, session, signal, onProgress } = options;
  await fit(recipe, {
    checkpoint: join(work, `${stage}.safetensors`),
    settings: { ...settings, stage },
    session,
    ...(signal ? { signal } : {}),
    onEvent(event) {
      if (event.kind === 'step') onProgress(stage, event.step, event.total, `loss ${event.loss.toFixed(3)}`);
      if (event.kind === 'start' && event.step === event.total && event.total > 0)
        onProgress(stage, 1, 1, 'already done');
    },
  });
}

/** The value of the first call, for all calls. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function textsRecipe({ options, config, weights, views, pairs, tokenizer }: Run): Recipe {
  return textRecipe({
    name: 'text',
    config,
    weights,
    featureWidth: TEACHER_WIDTH,
    features: async (indices) => views.features(indices),
    pairs,
    endId: tokenizer.endId,
    steps: options.textSteps,
    batch: Math.min(TEXT_BATCH, pairs.pictures.length),
    peakRate: 1e-3,
    // Towers that were there keep their joint space: only the teacher's way into it is learned.
    learns: options.from ? 'bridge' : 'both',
    seed: options.seed,
  });
}

function imagesRecipe(run: Run): Recipe {
  const { options, config, weights, views, pairs, tokenizer } = run;
  const [half, whole] = options.imageSteps;
  const { batch, captioned } = run.sizes;
  const patches = gridSize(config) ** 2;
  const total = half + whole;
  return imageRecipe({
    config,
    weights,
    views,
    batch,
    captioned,
    draw: imageDraws(
      run,
      // With the text tower as the stage before left it, and only if a step is taken.
      once(() =>
        encodeCaptions(
          weights,
          config,
          pairs.captions,
          tokenizer.endId,
          run.random.fork('captions'),
          options.session,
        ),
      ),
    ),
    phases: [
      { tokens: patches / 2, steps: half },
      { tokens: patches, steps: whole },
    ],
    rate: (step) => warmupCosine(step, { peak: 1e-3, warmup: Math.min(200, total / 10), total, floor: 1e-6 }),
    seed: options.seed,
  });
}

/** Draws the pictures of a step: captioned ones, each with one of its captions, then others. */
function imageDraws(run: Run, vectors: () => Promise<(Float32Array | null)[]>) {
  const { options, config, pairs, views } = run;
  const { batch, captioned } = run.sizes;
  const width = config.embedding;
  const plan = planViews(options.corpus.passes).slice(0, views.count);
  const told = new Set(pairs.pictures);
  const others = plan.flatMap((view, index) => (told.has(view.picture) ? [] : [index]));
  const rest = others.length > 0 ? others : plan.map((_, index) => index);
  return async (random: Random) => {
    const texts = await vectors();
    const captions = new Float32Array(captioned * width);
    const drawn: number[] = [];
    const pictures = random.shuffle([...pairs.pictures]);
    for (let slot = 0; slot < captioned; slot++) {
      const picture = pictures[slot % pictures.length] ?? 0;
      const rows = texts[picture] ?? new Float32Array(width);
      const row = random.integer(rows.length / width);
      captions.set(rows.subarray(row * width, (row + 1) * width), slot * width);
      drawn.push(pick(pairs.views[picture] ?? [], random));
    }
    while (drawn.length < batch) drawn.push(pick(rest, random));
    return { views: drawn, captions };
  };
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
  const pooled = once(() =>
    poolViews(weights, config, views, pooledViews, options.session, (done, total) =>
      options.onProgress('pooling', done, total),
    ),
  );
  const before = new Map([...weights].map(([name, { data }]) => [name, data.slice()]));
  const { width } = config.image;
  const projection = weights.get('image.projection.weight');
  if (!projection) throw new RangeError('the image tower has no projection');
  const recipe = textRecipe({
    name: 'tune',
    config,
    // The student's own projection stands where the bridge from the teacher was.
    weights: new Map([...weights, ['bridge.weight', projection]]),
    featureWidth: width,
    features: async (indices) =>
      gatherRows(
        await pooled(),
        width,
        Array.from(indices, (view) => rowOf.get(view) ?? 0),
      ),
    pairs,
    endId: tokenizer.endId,
    steps: options.tuneSteps,
    batch: Math.min(TEXT_BATCH, pairs.pictures.length),
    peakRate: 3e-4,
    learns: 'text',
    seed: options.seed,
  });
  await fitStage(run, 'tune', recipe);
  for (const [name, { data }] of weights) {
    const old = name.startsWith('text.') ? before.get(name) : undefined;
    if (!old) continue;
    for (let i = 0; i < data.length; i++) {
      data[i] = TUNED_SHARE * (data[i] as number) + (1 - TUNED_SHARE) * (old[i] as number);
    }
  }
}
