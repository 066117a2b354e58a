import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@freestyle/core';
import { buildQueryTower, defaultRates, PROMPT_KEEP } from '@freestyle/core/training';
import type { ComputeTask } from '../../platform/jobs/compute-task.js';
import { openParts, type TrainInput, toldOfDisk, tuningOf } from './compute.js';
import type { Pace } from './estimate.js';
import { readDataset, splitData } from './training-data.js';

export type MeasureInput = Pick<TrainInput, 'datasetFile' | 'settings' | 'backbone' | 'style' | 'hub'> & {
  /** Known from before; null measures. */
  readonly pace: Pace | null;
};

export interface MeasureOutput {
  readonly pace: Pace;
  readonly photos: { readonly train: number; readonly validation: number };
  /** Validation queries that the dataset brings, and captions do not count. */
  readonly queries: number;
  readonly heldOut: string;
}

/** Photos of the trial: enough for one batch to be drawn and one validation to be made. */
const TRIAL = { train: 8, validation: 4 } as const;
const STEPS = 3;

/** Takes a few real steps on a few of the photos, and times each part. */
export const compute: ComputeTask<MeasureInput, MeasureOutput> = async (input, run) => {
  const { settings } = input;
  const data = splitData(await readDataset(input.datasetFile), settings);
  const told = {
    photos: { train: data.train.images.length, validation: data.validation.images.length },
    queries: data.validation.queries.filter((query) => 'path' in query).length,
    heldOut: data.heldOut,
  };
  if (input.pace !== null) return { ...told, pace: input.pace };
  const folder = await mkdtemp(join(tmpdir(), 'freestyle-measure-'));
  try {
    return { ...told, pace: await trial(input, data, folder, run) };
  } catch (error) {
    throw toldOfDisk(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

async function trial(
  input: MeasureInput,
  data: { readonly train: Dataset; readonly validation: Dataset },
  folder: string,
  run: Parameters<typeof compute>[1],
): Promise<Pace> {
  const { settings } = input;
  const clock = createClock();
  run.say('Opening the backbone');
  const { base, style } = await openParts(input);
  const open = clock.lap();
  run.say(`Taking ${STEPS} steps to see how long one takes`);
  const some = (dataset: Dataset, count: number): Dataset => {
    const images = dataset.images.slice(0, count);
    const files = new Set(images.map(({ file }) => file));
    return { ...dataset, images, queries: dataset.queries.filter(({ target }) => files.has(target ?? '')) };
  };
  const spent = new Map<string, { seconds: number; done: number }>();
  const counted = new Map<string, number>();
  const steps: number[] = [];
  const validations: { seconds: number; queries: number }[] = [];
  let lastStep = 0;
  await buildQueryTower({
    ...{ base, style, name: 'trial', out: join(folder, 'bundle'), epochs: 1, stepsPerEpoch: STEPS },
    tuning: tuningOf(settings.method),
    train: [some(data.train, TRIAL.train)],
    validation: [some(data.validation, TRIAL.validation)],
    trainSplit: settings.trainSplit,
    cache: join(folder, 'cache'),
    seed: settings.seed,
    batch: settings.batch,
    peakRate: settings.rate ?? defaultRates[settings.method],
    ...{ patience: 1, perPhoto: 1, compared: true, uncalibrated: true },
    ...(settings.method === 'freestyle' ? { keep: PROMPT_KEEP } : {}),
    session: { threads: run.threads },
    signal: run.signal,
    onProgress(stage, done) {
      const key = stage.startsWith('query pictures') ? 'picture' : 'gallery';
      const before = spent.get(key) ?? { seconds: 0, done: 0 };
      const own = clock.lap();
      // The first of a stage also holds what came before it; the count is of the stage alone.
      spent.set(key, { seconds: before.seconds + own, done: before.done + stageDone(stage, done) });
    },
    async onEvent(event) {
      if (event.kind === 'validation')
        validations.push({
          seconds: event.seconds,
          queries: event.figures.reduce((sum, { queries = 0 }) => sum + queries, 0),
        });
      if (event.kind === 'step') {
        const now = performance.now();
        if (lastStep > 0) steps.push((now - lastStep) / 1000);
        lastStep = now;
        await run.progress(event.step, event.total);
      }
    },
  });
  const each = (key: string) => {
    const { seconds = 0, done = 0 } = spent.get(key) ?? {};
    return done === 0 ? 0 : seconds / done;
  };
  const last = validations.at(-1);
  return {
    open,
    photo: each('gallery'),
    picture: each('picture'),
    step: steps.length === 0 ? 0 : steps.reduce((sum, one) => sum + one, 0) / steps.length,
    query: last === undefined || last.queries === 0 ? 0 : last.seconds / last.queries,
  };

  function stageDone(stage: string, done: number): number {
    const before = counted.get(stage) ?? 0;
    counted.set(stage, done);
    return done - before;
  }
}

function createClock() {
  let at = performance.now();
  return {
    /** Seconds since the last time. */
    lap(): number {
      const now = performance.now();
      const seconds = (now - at) / 1000;
      at = now;
      return seconds;
    },
  };
}
