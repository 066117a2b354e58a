import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '@freestyle/core';
import type { ComputeTask } from '../platform/jobs/compute-task.js';

export interface StepsInput {
  /** Where the last step is kept, so that the next run goes on after it. */
  readonly file: string;
  readonly steps: number;
  /** Waits before this step until that file is there. */
  readonly gate?: { readonly before: number; readonly file: string };
  /** What goes wrong after the first step. */
  readonly fault?: 'ours' | 'unexpected' | 'exit' | 'deaf';
}

/** A task made for tests. */
export const compute: ComputeTask<StepsInput, { taken: number; pid: number; bytes: Uint8Array }> = async (
  { file, steps, gate, fault },
  { signal, progress, log, say },
) => {
  const first = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  say(`From step ${first} on.`);
  for (let step = first; step < steps; step++) {
    signal.throwIfAborted();
    while (gate?.before === step && !existsSync(gate.file)) {
      signal.throwIfAborted();
      await sleep(10);
    }
    if (step > 0 && fault === 'ours') throw new CoreError('BAD_LAYOUT', 'the folder holds no training');
    if (step > 0 && fault === 'unexpected') throw new TypeError('x is not a function');
    if (step > 0 && fault === 'exit') process.exit(7);
    // Computes on this thread and hears nothing.
    while (step > 0 && fault === 'deaf');
    writeFileSync(file, String(step + 1));
    log(`step ${step} of process ${process.pid}`);
    await progress(step + 1, steps);
  }
  return { taken: steps - first, pid: process.pid, bytes: Uint8Array.of(1, 2, 3) };
};
