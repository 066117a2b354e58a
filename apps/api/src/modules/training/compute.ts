import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type HubOptions, openBackbone, openModelHub } from '@freestyle/core';
import { tuningSchema } from '@freestyle/core/freestyle';
import { type FrozenBackbone, readStyle, type StyleBundle } from '@freestyle/core/models';
import { buildQueryTower, defaultRates, type FitEvent, PROMPT_KEEP } from '@freestyle/core/training';
import type { ComputeRun, ComputeTask } from '../../platform/jobs/compute-task.js';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import { rounds, type TrainingMethod, type TrainingSettings } from './settings.js';
import { readDataset, splitData, withUnseen } from './training-data.js';

export type WordsMeasured = NonNullable<Parameters<typeof buildQueryTower>[0]['words']>;

export interface TrainInput {
  /** Everything of the run: checkpoint, made pictures, the bundle. */
  readonly folder: string;
  /** Query pictures and gallery vectors, shared by runs on the same data. */
  readonly cache: string;
  readonly datasetFile: string;
  readonly version: { readonly name: string; readonly hash: string };
  readonly settings: TrainingSettings;
  readonly backbone: { readonly name: string; readonly place: string };
  /** Bundle of the style space; null for the one that comes with the product. */
  readonly style: string | null;
  readonly name: string;
  /** What was measured of words for another encoder of the space; null where nothing was. */
  readonly words: WordsMeasured | null;
  readonly hub: HubOptions;
}

export interface TrainOutput {
  readonly contentHash: string;
  readonly spaceHash: string;
  readonly dimensions: number;
  readonly licence: string;
  readonly facts: Record<string, unknown>;
  readonly outcome: string;
  readonly best: { readonly step: number; readonly score: number };
}

/** What the task tells of a training under way. */
export type TrainEvent =
  | FitEvent
  | { readonly kind: 'count'; readonly trained: number; readonly frozen: number };

/** Trains a query encoder by core's query recipe. Everything is kept in the folder of the run: killed, it goes on. */
export const compute: ComputeTask<TrainInput, TrainOutput> = async (input, run) => {
  try {
    return await train(input, run);
  } catch (error) {
    throw toldOfDisk(error);
  }
};

/** A full disk in words for people: what was kept, and what to do. */
export function toldOfDisk(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new JobFailure(
    'The disk is full. The last checkpoint stands: make room and continue the run, it goes on from there.',
    { code: 'DISK_FULL', cause: error },
  );
}

async function train(input: TrainInput, run: ComputeRun): Promise<TrainOutput> {
  const { folder, settings, name } = input;
  await mkdir(folder, { recursive: true });
  run.say('Opening the backbone');
  const { base, style } = await openParts(input);
  const data = splitData(await readDataset(input.datasetFile), settings);
  run.log(
    `${data.train.images.length} photos to learn from, ${data.validation.images.length} to judge by (${data.heldOut}).`,
  );
  const validation = await withUnseen(
    data.validation,
    join(folder, 'unseen'),
    settings.unseenPerStyle,
    run.signal,
    saying(run, 'Drawing by makers that no training sees'),
  );
  const { epochs, stepsPerEpoch, steps } = rounds(settings);
  const out = join(folder, 'bundle');
  await rm(out, { recursive: true, force: true });
  const { bundle, result } = await buildQueryTower({
    ...{ base, style, name, out, epochs, stepsPerEpoch },
    tuning: tuningOf(settings.method),
    train: [data.train],
    validation: [validation],
    trainSplit: settings.trainSplit,
    versions: [{ name: input.version.name, hash: input.version.hash, recorded: null }],
    work: join(folder, 'work'),
    cache: input.cache,
    ...(input.words === null ? {} : { words: input.words }),
    seed: settings.seed,
    batch: settings.batch,
    peakRate: settings.rate ?? defaultRates[settings.method],
    patience: settings.patience,
    perPhoto: settings.perPhoto,
    picturesOnDemand: true,
    validationPerStyle: settings.validationPerStyle,
    // A run always ends with an encoder; whether it is better the gate tells.
    compared: true,
    ...(settings.method === 'freestyle' ? { keep: PROMPT_KEEP } : {}),
    session: { threads: run.threads },
    signal: run.signal,
    onProgress: (stage, done, total) => saying(run, stageWords(stage))(done, total),
    onStart({ count, shared }) {
      run.emit({ kind: 'count', trained: count.trained, frozen: count.frozen } satisfies TrainEvent);
      run.log(`${count.trained} numbers learn, ${count.frozen} stay.`);
      for (const [what, number] of Object.entries(shared))
        if (number > 0)
          run.log(`Training and validation share ${number} ${what}: the figures will be too good.`, 'warn');
    },
    async onEvent(event) {
      run.emit(event satisfies TrainEvent);
      await tell(event, run, steps);
    },
  });
  if (bundle === null) throw new JobFailure('The training gave no encoder.', { code: 'NO_ENCODER' });
  const { config, training, evaluation, preprocessing, licence, dimensions } = bundle.manifest;
  return {
    ...{ contentHash: bundle.hash, spaceHash: base.hash, dimensions, licence },
    facts: { config, training, evaluation, preprocessing },
    outcome: result.fit.outcome,
    best: result.fit.best,
  };
}

export async function openParts({
  backbone,
  style,
  hub: options,
}: Pick<TrainInput, 'backbone' | 'style' | 'hub'>): Promise<{
  readonly base: FrozenBackbone;
  readonly style: StyleBundle;
}> {
  const hub = openModelHub(options);
  const opened = await openBackbone(backbone.place, hub).finally(() => hub.close());
  // By what people call it, so that the bundle says the same wherever the files lie.
  const base = { ...opened, name: backbone.name };
  return { base, style: await readStyle(style ?? undefined, base) };
}

/** As the command line tunes: style prompts come in through a closed gate and are centred, VPT is the paper's. */
export const tuningOf = (method: TrainingMethod) =>
  tuningSchema.parse({ method, ...(method === 'freestyle' ? { gated: true, centred: true } : {}) });

const STAGES: Readonly<Record<string, string>> = {
  'query pictures, train': 'Making query pictures',
  'query pictures, validation': 'Making query pictures to judge by',
  'gallery, train': 'Encoding the photos to learn from',
  'gallery, validation': 'Encoding the photos to judge by',
};
const stageWords = (stage: string): string => STAGES[stage] ?? stage;

/** Tells how far work before the first step is; each stage once a second at most. */
function saying(run: ComputeRun, what: string) {
  let last = 0;
  return (done: number, total: number) => {
    const now = performance.now();
    if (done < total && now - last < 1000) return;
    last = now;
    run.say(`${what}: ${done} of ${total}`);
  };
}

async function tell(event: FitEvent, run: ComputeRun, steps: number): Promise<void> {
  if (event.kind === 'start') {
    run.say(null);
    if (event.step > 0) run.log(`Goes on after step ${event.step}.`);
    await run.progress(event.step, steps);
  } else if (event.kind === 'step') await run.progress(event.step, event.total);
  else if (event.kind === 'validation') {
    const figures = event.figures.map(({ name, value }) => `${name} ${(100 * value).toFixed(1)}`);
    run.log(`Step ${event.step}: hit@1 ${figures.join(', ')}; mean ${(100 * event.score).toFixed(1)}.`);
  } else run.log(`Checkpoint after step ${event.step}.`);
}
