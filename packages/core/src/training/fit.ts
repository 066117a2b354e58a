import type { Parameter } from '../nn/parameters.js';
import { createRandom } from '../random.js';
import type { SessionOptions } from '../runtime/session.js';
import { type FitIdentity, type FitState, freshState, readFit, saveFit } from './fit-checkpoint.js';
import { type FitRecord, writeHistory } from './fit-record.js';
import { createPace } from './pace.js';
import {
  type Feeds,
  learnedNames,
  type Phase,
  type Recipe,
  totalSteps,
  type ValidationFigure,
} from './recipe.js';
import type { RunSettings } from './run-settings.js';
import type { TrainingStep } from './step-contract.js';
import { createTrainingStep } from './training-step.js';
import { validateState } from './validate-state.js';

export interface FitOptions {
  /** File that the training is kept in and goes on from; nothing is kept when absent. */
  readonly checkpoint?: string;
  /** File of the history, one JSON object a line; beside the checkpoint when absent. */
  readonly log?: string;
  /** What else each line of the log says. */
  readonly logged?: object;
  /** All that decides the weights: a checkpoint of other settings is refused by name. */
  readonly settings?: RunSettings;
  /** The data by content, so that its folders may move. */
  readonly data?: string;
  /** Seconds between two checkpoints; a minute, or longer where writing one takes long, when absent. One is also written after each validation, at the end and when aborted. */
  readonly checkpointSeconds?: number;
  readonly session?: SessionOptions;
  /** Cancels or pauses: the checkpoint is written, then the reason is thrown. The same call goes on later. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: FitEvent) => void | Promise<void>;
}

export type FitEvent =
  | {
      readonly kind: 'start';
      /** Above 0 for a training that goes on. */
      readonly step: number;
      readonly total: number;
      /** Numbers that learn, and numbers that do not. */
      readonly trained: number;
      readonly frozen: number;
    }
  | {
      readonly kind: 'step';
      /** Steps taken. */
      readonly step: number;
      readonly total: number;
      readonly phase: string;
      readonly loss: number;
      readonly gradientNorm: number;
      readonly rate: number;
      readonly metrics: Readonly<Record<string, number>>;
      /** Over the steps of this process alone. */
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      readonly kind: 'validation';
      readonly step: number;
      readonly figures: readonly ValidationFigure[];
      readonly score: number;
      /** The best one so far; null where only the start was measured and does not compete. */
      readonly best: { readonly step: number; readonly score: number } | null;
      readonly seconds: number;
    }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly path: string; readonly seconds: number };

/** `no-better-than-start`: no validation beat the one before the first step, whose weights then stay. */
export type FitOutcome = 'improved' | 'no-better-than-start' | 'not-validated';

export interface FitResult {
  readonly outcome: FitOutcome;
  readonly stopped: 'finished' | 'patience';
  /** Steps taken in all. */
  readonly step: number;
  /** What the recipe's weights are now; the score is NaN for a training without validation. */
  readonly best: { readonly step: number; readonly score: number };
  readonly history: readonly FitRecord[];
}

/** A run killed on the spot loses at most about this much work. */
const CHECKPOINT_SECONDS = 60;
/** Writing checkpoints takes at most this share of the time: those of a large tower are hundreds of megabytes. */
const CHECKPOINT_SHARE = 0.05;
/** Mean losses in a history, about: enough for a curve. */
const LOSS_RECORDS = 200;

/** A training under way: what the parts of the loop share. */
interface Run {
  readonly recipe: Recipe;
  readonly options: FitOptions;
  readonly learned: ReadonlyMap<string, Parameter>;
  readonly state: FitState;
  readonly total: number;
  readonly pace: ReturnType<typeof createPace>;
  readonly saves: { at: number; took: number };
}

/** Trains by a recipe: steps, moving average, validation from step 0 on, early stopping, checkpoints. A training that
 *  was killed or aborted goes on from its checkpoint and ends with the very weights of one that was left alone.
 *  @returns after the recipe's weights were set to the best ones.
 *  @throws {OtherRunError} for the checkpoint of another training. @throws {CheckpointError} for a damaged one.
 *  @throws {DivergedError} if the loss is not finite. @throws the signal's reason when it is aborted. */
export async function fit(recipe: Recipe, options: FitOptions = {}): Promise<FitResult> {
  try {
    const run = await open(recipe, options);
    await tellStart(run);
    options.signal?.throwIfAborted();
    if (run.state.stopped === null) {
      if (run.state.step === 0 && run.state.history.length === 0) await validateAndSave(run);
      let start = 0;
      for (const phase of recipe.phases) {
        const end = start + phase.steps;
        if (run.state.step < end && run.state.stopped === null) await runPhase(run, phase, end);
        start = end;
      }
      run.state.stopped ??= 'finished';
      keepBest(run);
      await save(run);
    } else keepBest(run);
    return resultOf(run);
  } finally {
    await recipe.close?.();
  }
}

async function open(recipe: Recipe, options: FitOptions): Promise<Run> {
  const names = learnedNames(recipe);
  const learned = new Map(names.map((name) => [name, recipe.weights.get(name) as Parameter]));
  const kept = options.checkpoint ? await readFit(options.checkpoint, learned, identityOf(options)) : null;
  return {
    ...{ recipe, options, learned },
    state: kept ?? freshState(),
    total: totalSteps(recipe),
    pace: createPace(recipe.images),
    saves: { at: performance.now(), took: 0 },
  };
}

const identityOf = ({ settings = {}, data = '' }: FitOptions): FitIdentity => ({ settings, data });

async function tellStart({ recipe, options, learned, state, total }: Run): Promise<void> {
  const sizeOf = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + (recipe.weights.get(name)?.data.length ?? 0), 0);
  const trained = sizeOf(learned.keys());
  const frozen = sizeOf(recipe.weights.keys()) - trained;
  await options.onEvent?.({ kind: 'start', step: state.step, total, trained, frozen });
}

async function runPhase(run: Run, phase: Phase, end: number): Promise<void> {
  const { recipe, options, state } = run;
  const step = await createTrainingStep({
    name: `${recipe.name}-${phase.name}`,
    weights: recipe.weights,
    trainable: phase.trainable,
    build: phase.loss,
    optimiser: recipe.optimiser,
    ...(recipe.clipNorm === undefined ? {} : { clipNorm: recipe.clipNorm }),
    ...(options.session ? { session: options.session } : {}),
    ...(recipe.average === undefined ? {} : { average: recipe.average }),
    ...(state.average ? { averageFrom: state.average } : {}),
    state: momentsFor(run, phase),
  });
  const draw = (at: number) => recipe.batches(at, createRandom(`${recipe.seed}:${recipe.name}:${at}`));
  let next: Promise<readonly Feeds[]> | null = null;
  try {
    while (state.step < end && state.stopped === null) {
      if (options.signal?.aborted) await stopHere(run, step);
      const started = performance.now();
      const batches = await (next ?? draw(state.step));
      // The next batch is read and made while this step computes.
      next = state.step + 1 < end ? draw(state.step + 1) : null;
      next?.catch(() => {});
      await takeStep(run, phase, step, batches, started);
      await afterStep(run, step);
    }
    await read(run, step);
  } finally {
    await next?.catch(() => {});
    await step.close();
  }
}

/** Moments of what the phase trains: those of an earlier phase, and zeros for a weight that learns now first. */
function momentsFor({ recipe, state: { moments } }: Run, phase: Phase): FitState['moments'] {
  const names = [...recipe.weights.keys()].filter(phase.trainable);
  const of = (arrays: ReadonlyMap<string, Float32Array>) =>
    new Map(
      names.map((name) => [
        name,
        arrays.get(name) ?? new Float32Array(recipe.weights.get(name)?.data.length ?? 0),
      ]),
    );
  return { first: of(moments.first), second: of(moments.second), step: moments.step };
}

async function takeStep(
  { recipe, options, state, total, pace }: Run,
  phase: Phase,
  step: TrainingStep<FitState['moments']>,
  batches: readonly Feeds[],
  started: number,
): Promise<void> {
  const rate = recipe.rate(state.step);
  const { loss, gradientNorm, metrics } = await step.step(batches, rate);
  state.step += 1;
  state.losses = { sum: state.losses.sum + loss, count: state.losses.count + 1 };
  pace.add((performance.now() - started) / 1000);
  const imagesPerSecond = pace.imagesPerSecond();
  if (state.step % Math.max(1, Math.floor(total / LOSS_RECORDS)) === 0 || state.step === total) {
    const mean = state.losses.sum / state.losses.count;
    state.history.push({ kind: 'loss', step: state.step, loss: mean, rate, imagesPerSecond });
    state.losses = { sum: 0, count: 0 };
  }
  await options.onEvent?.({
    ...{ kind: 'step', step: state.step, total, phase: phase.name, loss, gradientNorm, rate, metrics },
    imagesPerSecond,
    secondsLeft: pace.secondsFor(total - state.step),
  });
}

/** Validation and checkpoint where they are due. */
async function afterStep(run: Run, step: TrainingStep<FitState['moments']>): Promise<void> {
  const { recipe, options, state, total, saves } = run;
  const { validation } = recipe;
  if (validation && (state.step % validation.everySteps === 0 || state.step === total)) {
    await read(run, step);
    await validateAndSave(run);
    return;
  }
  const since = (performance.now() - saves.at) / 1000;
  const pause = options.checkpointSeconds ?? Math.max(CHECKPOINT_SECONDS, saves.took / CHECKPOINT_SHARE);
  if (options.checkpoint !== undefined && since >= pause) {
    await read(run, step);
    await save(run);
  }
}

async function stopHere(run: Run, step: TrainingStep<FitState['moments']>): Promise<never> {
  await read(run, step);
  await save(run);
  throw run.options.signal?.reason;
}

/** Takes what the step has computed so far into the state. */
async function read({ state }: Run, step: TrainingStep<FitState['moments']>): Promise<void> {
  await step.read();
  const { first, second } = step.state;
  state.moments = {
    first: new Map([...state.moments.first, ...first]),
    second: new Map([...state.moments.second, ...second]),
    step: step.state.step,
  };
  if (step.average) state.average = new Map([...(state.average ?? []), ...step.average]);
}

async function validateAndSave(run: Run): Promise<void> {
  const { recipe, options, state, learned } = run;
  if (recipe.validation) {
    const record = await validateState(recipe, recipe.validation, state, learned);
    await options.onEvent?.({ kind: 'validation', step: state.step, ...record });
  }
  await save(run);
}

async function save({ options, learned, state, saves }: Run): Promise<void> {
  const { checkpoint } = options;
  if (checkpoint === undefined) return;
  const started = performance.now();
  await saveFit(checkpoint, learned, state, identityOf(options));
  const log = options.log ?? checkpoint.replace(/(\.safetensors)?$/, '.jsonl');
  await writeHistory(log, state.history, options.logged);
  const seconds = (performance.now() - started) / 1000;
  Object.assign(saves, { at: performance.now(), took: seconds });
  await options.onEvent?.({ kind: 'checkpoint', step: state.step, path: checkpoint, seconds });
}

/** The weights to keep: the best ones that were measured, else the average, else those of the last step. */
function keepBest({ state, learned }: Run): void {
  for (const [name, data] of state.best?.weights ?? state.average ?? []) learned.get(name)?.data.set(data);
}

function resultOf({ recipe, state }: Run): FitResult {
  const { best, step, history } = state;
  const outcome = !recipe.validation
    ? 'not-validated'
    : best !== null && best.step > 0
      ? 'improved'
      : 'no-better-than-start';
  return {
    outcome,
    stopped: state.stopped ?? 'finished',
    step,
    best: best ? { step: best.step, score: best.score } : { step, score: Number.NaN },
    history,
  };
}
