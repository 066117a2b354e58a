import { createReadStream } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HubOptions } from '@freestyle/core';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import { defineJobKind } from '../../platform/jobs/job-kind.js';
import { runInCompute } from '../../platform/jobs/run-in-compute.js';
import type { EvaluateInput, EvaluateOutput } from './compute.js';
import type { EncoderCatalog } from './encoders.js';
import { evaluatePayload, evaluationOptions } from './options.js';
import type { EvaluationRepository } from './repository.js';
import { keptReportSchema, resultSchema, type StoredResult } from './stored.js';
import { type DatasetFileParts, writeDatasetFile } from './write-dataset.js';

export interface EvaluateJobParts {
  readonly evaluations: EvaluationRepository;
  readonly encoders: EncoderCatalog;
  readonly hub: HubOptions;
  readonly datasetFiles: DatasetFileParts;
  /** Where an evaluation keeps its vectors and its report. */
  readonly evaluationFolder: (id: string) => string;
}

/** Judges a query encoder on a dataset version. */
export const evaluateJob = defineJobKind({
  name: 'EVALUATE',
  summary: 'Evaluates a query encoder on a dataset version.',
  lane: 'compute',
  payload: evaluatePayload,
  describe: () => 'Evaluate a query encoder',
  unit: 'steps',
  resume: 'Goes on with the pictures and texts that have no vector yet; each query counts once.',
  async run(run, parts: EvaluateJobParts) {
    const { evaluations, encoders, hub, datasetFiles, evaluationFolder } = parts;
    const [evaluation] = await evaluations.byIds([run.payload.evaluationId]);
    if (evaluation === undefined) throw new JobFailure('The evaluation was deleted.');
    if (evaluation.datasetId === null || evaluation.versionId === null)
      throw new JobFailure('The dataset of this evaluation was deleted before it was finished.');
    const folder = evaluationFolder(evaluation.id);
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'dataset.json');
    const subject = { datasetId: evaluation.datasetId, versionId: evaluation.versionId };
    // A version never changes: the list that a run before wrote to its end still holds.
    if (!(await exists(join(folder, 'dataset.done')))) {
      await writeDatasetFile(datasetFiles, subject, evaluation.datasetName, file);
      await mkdir(join(folder, 'dataset.done'), { recursive: true });
    }
    const input: EvaluateInput = {
      folder,
      encoder: await encoders.find(evaluation.encoder),
      hub,
      options: evaluationOptions.parse(evaluation.options),
      version: { name: evaluation.datasetName, hash: evaluation.versionHash },
    };
    const { queries, gallery } = await runInCompute<EvaluateInput, EvaluateOutput>(
      run,
      'modules/evaluation/compute',
      input,
    );
    await run.say('Keeping the results');
    const report = keptReportSchema.parse(JSON.parse(await readFile(join(folder, 'kept.json'), 'utf8')));
    await evaluations.finish(
      { jobId: run.id, owner: run.owner },
      evaluation.id,
      JSON.parse(JSON.stringify(report)),
      batches(join(folder, 'results.jsonl')),
    );
    return {
      message: `${queries} results over ${gallery} photos.`,
      result: { evaluationId: evaluation.id },
    };
  },
});

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const BATCH = 1000;

async function* batches(path: string): AsyncGenerator<StoredResult[]> {
  let batch: StoredResult[] = [];
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    batch.push(resultSchema.parse(JSON.parse(line)));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
