import type { Provider } from '../../../packages/core/src/runtime/session.js';
import { cardMemoryMb } from './card-memory.js';
import { freshWeights, makeBatch, openStep, training } from './contender.js';
import type { BenchModel } from './models.js';

export interface MemoryRecord {
  readonly steps: number;
  readonly hostMb: number;
  readonly cardMb: number | null;
}

/** Memory after each tenth of a training whose steps have two shapes in turns. */
export async function memoryOfTraining(
  model: BenchModel,
  provider: Provider,
  batches: readonly [number, number],
  steps: number,
): Promise<MemoryRecord[]> {
  const trainers = [];
  for (const batch of batches)
    trainers.push({
      step: await openStep(model, freshWeights(model), provider, batch, 10),
      feeds: makeBatch(model, batch),
    });
  const records: MemoryRecord[] = [];
  for (let at = 1; at <= steps; at++) {
    for (const { step, feeds } of trainers) await step.step([feeds], training.learningRate);
    if (at % Math.max(1, Math.floor(steps / 10)) !== 0) continue;
    for (const { step } of trainers) await step.read();
    records.push({ steps: at, hostMb: process.memoryUsage.rss() / 2 ** 20, cardMb: cardMemoryMb() });
  }
  for (const { step } of trainers) await step.close();
  return records;
}
