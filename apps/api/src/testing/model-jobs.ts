import { join } from 'node:path';
import { evaluateModel, folderEvaluationSet } from '@freestyle/core/evaluation';
import { z } from 'zod';
import { defineJobKind } from '../platform/jobs/job-kind.js';
import { runInCompute } from '../platform/jobs/run-in-compute.js';
import { createFileGate } from './file-gate.js';
import { createTestEncoder } from './test-encoder.js';

/** What `compute-fit.js` takes and gives. */
export interface FitInput {
  readonly checkpoint: string;
  readonly steps: number;
  /** File of the gate that holds each step. */
  readonly gate: string;
}
export interface FitOutput {
  readonly hash: string;
  /** Where it went on; 0 for a new training. */
  readonly fromStep: number;
}

/** Relative to what was built. */
export const FIT_TASK = '../src/testing/compute-fit';

/** A training by the core's own loop, in the compute process. Its steps are held at `<gates>/train`. */
export const createFitJob = (dataDir: string, gates: string) =>
  defineJobKind({
    name: 'TEST_TRAIN',
    summary: 'Trains a small network.',
    lane: 'compute',
    payload: z.object({ steps: z.int().positive() }),
    describe: ({ steps }) => `Train a small network for ${steps} steps`,
    unit: 'steps',
    resume: 'Goes on from its last checkpoint.',
    exclusive: () => 'training',
    async run(run) {
      const input: FitInput = {
        checkpoint: join(dataDir, `fit-${run.id}.safetensors`),
        steps: run.payload.steps,
        gate: join(gates, 'train'),
      };
      const { hash, fromStep } = await runInCompute<FitInput, FitOutput>(run, FIT_TASK, input);
      return { message: `Ended as ${hash.slice(0, 8)}.`, result: { hash, fromStep } };
    },
  });

/** An evaluation by the core's own functions. Its batches are held at `<gates>/evaluate`. */
export const createEvaluateJob = (gates: string) =>
  defineJobKind({
    name: 'TEST_EVALUATE',
    summary: 'Evaluates the test encoder on a folder.',
    lane: 'compute',
    payload: z.object({ folder: z.string() }),
    describe: ({ folder }) => `Evaluate on ${folder}`,
    unit: 'batches',
    resume: 'Begins anew.',
    async run(run) {
      const set = await folderEvaluationSet(run.payload.folder);
      const batchSize = 8;
      const total = Math.ceil(set.photos.length / batchSize) + Math.ceil(set.queries.length / batchSize);
      let done = 0;
      run.progress(done, total);
      const gate = createFileGate(join(gates, 'evaluate'));
      const model = createTestEncoder({ gate: { pass: () => gate.pass(run.signal) } });
      const report = await evaluateModel(model, set, {
        ...{ batchSize, signal: run.signal, resamples: 20 },
        onProgress: () => run.progress(++done, total),
      });
      return { result: { styles: report.styles.map(({ style }) => style) } };
    },
  });
