import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubOptions } from '@freestyle/core';
import { z } from 'zod';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import { defineJobKind } from '../../platform/jobs/job-kind.js';
import type { JobRun } from '../../platform/jobs/job-run.js';
import { runInCompute } from '../../platform/jobs/run-in-compute.js';
import { type DatasetFileParts, writeDatasetFile } from '../evaluation/write-dataset.js';
import type { ModelRegistry } from '../model/registry.js';
import type { RegisteredModel } from '../model/repository.js';
import type { ModelService } from '../model/service.js';
import type { TrainEvent, TrainInput, TrainOutput, WordsMeasured } from './compute.js';
import { estimateTraining, type Pace, paceSchema, stepsWithin } from './estimate.js';
import { keepEvents } from './keep-events.js';
import type { MeasureInput, MeasureOutput } from './measure.js';
import type { TrainingRepository, TrainingRun } from './repository.js';
import { type TrainingSettings, trainingSettings } from './settings.js';

export interface TrainingJobParts {
  readonly trainings: TrainingRepository;
  readonly registry: ModelRegistry;
  readonly models: Pick<ModelService, 'place'>;
  readonly datasetFiles: DatasetFileParts;
  readonly hub: HubOptions;
  /** Where a run keeps its files. */
  readonly runFolder: (id: string) => string;
  /** Query pictures and gallery vectors of all runs. */
  readonly cacheFolder: string;
  /** Bundle folder of a style space by what a run keeps of it; null for the one that comes with the product. */
  styleFolder(styleSpace: string | null): Promise<string | null>;
}

/** Trains a query encoder on a dataset version, and puts it into the registry. */
export const trainJob = defineJobKind({
  name: 'TRAIN_QUERY_ENCODER',
  summary: 'Trains a query encoder on a dataset version.',
  lane: 'compute',
  payload: z.object({ runId: z.uuid(), name: z.string() }),
  describe: ({ name }) => `Train ${name}`,
  unit: 'steps',
  resume: 'Goes on from its last checkpoint, and ends with the very weights of a run that was left alone.',
  // A training takes what memory and processor there are.
  exclusive: () => 'training',
  async run(run, parts: TrainingJobParts) {
    const { trainings, registry, runFolder } = parts;
    const [training] = await trainings.byIds([run.payload.runId]);
    if (training === undefined) throw new JobFailure('The run was deleted.');
    const input = await inputOf(parts, training);
    const events = keepEvents(run, trainings, training.id);
    const made = await runInCompute<TrainInput, TrainOutput>(run, 'modules/training/compute', input, {
      onEvent: (event) => events.add(event as TrainEvent),
    }).finally(() => events.flush());
    await run.say('Putting it into the registry');
    const model = await registry.adopt(join(runFolder(training.id), 'bundle'), {
      ...{ kind: 'QUERY_ENCODER', name: training.name, encoder: null, origin: 'TRAINED', format: 'bundle' },
      ...{ contentHash: made.contentHash, spaceHash: made.spaceHash, dimensions: made.dimensions },
      ...{ source: null, licence: made.licence, facts: made.facts },
      runId: training.id,
      addedBy: run.startedBy,
    });
    await trainings.keep({ jobId: run.id, owner: run.owner }, training.id, [], {
      ...{ finishedAt: new Date(), secondsLeft: 0, bestStep: made.best.step },
      ...(Number.isFinite(made.best.score) && { bestScore: made.best.score }),
    });
    return { message: endWords(training, made), result: { runId: training.id, modelId: model.id } };
  },
});

function endWords({ startScore }: TrainingRun, { best, outcome }: TrainOutput): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  if (!Number.isFinite(best.score)) return 'The encoder is in the registry.';
  const from = startScore === null ? '' : `, ${percent(startScore)} before the first`;
  const told = outcome === 'improved' ? '' : ' That is no better than where it started.';
  return `Mean hit@1 ${percent(best.score)} after ${best.step} steps${from}.${told}`;
}

async function inputOf(parts: TrainingJobParts, training: TrainingRun): Promise<TrainInput> {
  const { registry, models, datasetFiles, runFolder, cacheFolder, hub } = parts;
  const folder = runFolder(training.id);
  const [backbone] = await registry.byIds([training.backboneId]);
  if (backbone === undefined) throw new JobFailure('The backbone of this run was deleted.');
  const datasetFile = await keptDataset(datasetFiles, training, folder);
  return {
    ...{ folder, datasetFile, hub, cache: cacheFolder, name: training.name },
    version: { name: training.datasetName, hash: training.versionHash },
    settings: trainingSettings.parse(training.settings),
    backbone: { name: backboneName(backbone), place: (await models.place(backbone)).name },
    style: await parts.styleFolder(training.styleSpace),
    words: await measuredWords(registry, backbone.spaceHash),
  };
}

/** What a bundle says it was trained beside. */
const backboneName = ({ format, name, source }: RegisteredModel): string =>
  format === 'named' || format === 'bundle' ? name : `${format}:${source ?? name}`;

/** A version never changes: the list that was written to its end still holds. */
async function keptDataset(
  files: DatasetFileParts,
  { datasetId, versionId, datasetName }: Pick<TrainingRun, 'datasetId' | 'versionId' | 'datasetName'>,
  folder: string,
): Promise<string> {
  if (datasetId === null || versionId === null)
    throw new JobFailure('The dataset of this run was deleted before it was finished.');
  const file = join(folder, 'dataset.json');
  const done = join(folder, 'dataset.done');
  await mkdir(folder, { recursive: true });
  const isDone = await access(done).then(
    () => true,
    () => false,
  );
  if (!isDone) {
    await writeDatasetFile(files, { datasetId, versionId }, datasetName, file);
    await mkdir(done, { recursive: true });
  }
  return file;
}

const wordsSchema = z.object({
  config: z.object({
    calibration: z.object({
      text: z.object({ mean: z.number(), deviation: z.number(), separation: z.number().optional() }),
    }),
    relevance: z.object({
      gallery: z.number(),
      floor: z.number(),
      background: z.number().optional(),
      kinds: z.object({ text: z.object({ location: z.number(), scale: z.number() }) }),
    }),
  }),
});

/** Words are encoded by the backbone: what was measured of them for one encoder of a space holds for the next. */
async function measuredWords(registry: ModelRegistry, spaceHash: string): Promise<WordsMeasured | null> {
  for (const { model } of await registry.usable()) {
    if (model.kind !== 'QUERY_ENCODER' || model.spaceHash !== spaceHash) continue;
    const facts = wordsSchema.safeParse(model.facts);
    if (!facts.success) continue;
    const { calibration, relevance } = facts.data.config;
    return { calibration: calibration.text, relevance };
  }
  return null;
}

export const measurePayload = z.object({
  datasetId: z.uuid(),
  versionId: z.uuid(),
  datasetName: z.string(),
  backboneId: z.uuid(),
  styleSpace: z.string().nullable(),
  settings: trainingSettings,
  /** A time to fit into, instead of the steps of the settings. */
  minutes: z.number().positive().nullable(),
});

/** How long a measured pace holds; a machine may be busier next month. */
const FRESH_MS = 7 * 24 * 3_600_000;

/** Tells how long a training would take, from a few real steps. */
export const measureJob = defineJobKind({
  name: 'MEASURE_TRAINING',
  summary: 'Takes a few steps of a training to tell how long it would take.',
  lane: 'compute',
  payload: measurePayload,
  describe: ({ datasetName }) => `Estimate a training on ${datasetName}`,
  unit: 'steps',
  resume: 'Begins anew; it takes seconds.',
  async run(run: JobRun<z.output<typeof measurePayload>>, parts: TrainingJobParts) {
    const { payload } = run;
    const { trainings, registry, models, datasetFiles, runFolder, hub } = parts;
    const [backbone] = await registry.byIds([payload.backboneId]);
    if (backbone === undefined) throw new JobFailure('The backbone was deleted.');
    const folder = runFolder(`version-${payload.versionId}`);
    const key = paceKey(backbone.contentHash, payload.settings);
    const known = await trainings.pace(key);
    const fresh = known !== null && Date.now() - known.measuredAt.getTime() < FRESH_MS;
    const input: MeasureInput = {
      datasetFile: await keptDataset(datasetFiles, payload, folder),
      settings: payload.settings,
      backbone: { name: backboneName(backbone), place: (await models.place(backbone)).name },
      style: await parts.styleFolder(payload.styleSpace),
      hub,
      pace: fresh ? (paceSchema.safeParse(known.pace).data ?? null) : null,
    };
    const measured = await runInCompute<MeasureInput, MeasureOutput>(run, 'modules/training/measure', input);
    if (input.pace === null) await trainings.setPace(key, measured.pace);
    const { photos, queries, heldOut } = measured;
    const asked = { pace: measured.pace, photos, queries, settings: payload.settings };
    const steps =
      payload.minutes === null ? payload.settings.steps : stepsWithin(payload.minutes * 60, asked);
    const estimate = estimateTraining({ ...asked, settings: { ...payload.settings, steps } });
    return {
      message: `About ${Math.round(estimate.seconds)} s for ${estimate.steps} steps.`,
      result: JSON.parse(JSON.stringify({ ...estimate, photos, heldOut, measuredNow: input.pace === null })),
    };
  },
});

const paceKey = (
  backboneHash: string,
  { method, batch }: Pick<TrainingSettings, 'method' | 'batch'>,
): string => `${backboneHash} ${method} ${batch}`;

export type { Pace };
