import { z } from 'zod';
import { defineJobKind } from '../platform/jobs/job-kind.js';
import type { Lane } from '../platform/jobs/lanes.js';
import type { Gate } from './gate.js';

export interface StepJobOptions {
  readonly name?: string;
  readonly lane?: Lane;
  readonly gate: Gate;
  readonly retries?: number;
  /** Called in each step, after the gate. */
  work?(step: number): void | Promise<void>;
}

/** A kind made for tests: so many steps, each held at a gate, each told and counted. It goes on after the steps that
 *  were counted before. */
export const createStepJob = ({ name = 'STEPS', lane = 'io', gate, retries, work }: StepJobOptions) =>
  defineJobKind({
    name,
    summary: 'Takes steps.',
    lane,
    payload: z.object({ steps: z.int().positive(), tag: z.string().default('') }),
    describe: ({ steps }) => `Take ${steps} steps`,
    unit: 'steps',
    resume: 'Goes on after the last step.',
    ...(retries !== undefined && { retries }),
    async run(run) {
      const { steps } = run.payload;
      run.log(`begins at step ${run.before.done}`);
      run.progress(run.before.done, steps);
      for (let step = run.before.done; step < steps; step++) {
        run.signal.throwIfAborted();
        await gate.pass(run.signal);
        await work?.(step);
        run.log(`step ${step}`);
        run.progress(step + 1, steps);
      }
      return { message: `${steps} steps were taken.`, result: { steps } };
    },
  });
