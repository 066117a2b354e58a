import type { Provider } from '../../runtime/session.js';
import { batchOf, freshWeights, problem } from '../../training/card/fixtures/small-problem.js';
import { createTrainingStep } from '../../training/training-step.js';

export interface TrainingCheck {
  readonly steps: number;
  /** Largest distance from the processor's. */
  readonly weights: number;
  readonly average: number;
  readonly moments: number;
  readonly loss: number;
}

const farthest = (a: Float32Array, b: Float32Array | undefined): number =>
  a.reduce((gap, value, at) => Math.max(gap, Math.abs(value - (b?.[at] ?? Number.NaN))), 0);

/** Trains a picture tower in small, convolutions, attention and all, on a provider and on the processor. */
export async function checkTraining(provider: Provider, steps: number): Promise<TrainingCheck> {
  const train = async (where: Provider, readEvery: number) => {
    const weights = freshWeights('a');
    const step = await createTrainingStep({ ...problem(weights, { provider: where }), readEvery });
    let loss = 0;
    for (let at = 0; at < steps; at++) ({ loss } = await step.step([batchOf(`${at % 4}`)], 3e-3));
    await step.read();
    await step.close();
    return { weights, loss, average: step.average ?? new Map<string, Float32Array>(), state: step.state };
  };
  const [card, plain] = [await train(provider, 1), await train('cpu', 1)];
  const worst = (gaps: Iterable<number>) => Math.max(0, ...gaps);
  const moments = (['first', 'second'] as const).flatMap((slot) =>
    [...plain.state[slot]].map(([name, data]) => farthest(data, card.state[slot].get(name))),
  );
  return {
    steps,
    weights: worst(
      [...plain.weights].map(([name, { data }]) => farthest(data, card.weights.get(name)?.data)),
    ),
    average: worst([...plain.average].map(([name, data]) => farthest(data, card.average.get(name)))),
    moments: worst(moments),
    loss: Math.abs(plain.loss - card.loss),
  };
}

export interface MemoryCheck {
  readonly steps: number;
  /** Megabytes of this process after each tenth of the steps. */
  readonly residentMb: readonly number[];
}

/** Takes steps of two shapes in turns, as a training whose last batches are smaller does. */
export async function checkMemory(provider: Provider, steps: number): Promise<MemoryCheck> {
  const shapes = [6, 4];
  const trainers = await Promise.all(
    shapes.map((batch) =>
      createTrainingStep({
        ...problem(freshWeights('a'), { provider }, batch),
        readEvery: 10,
      }),
    ),
  );
  const residentMb: number[] = [];
  for (let at = 1; at <= steps; at++) {
    for (const [index, step] of trainers.entries())
      await step.step([batchOf(`${at % 4}`, shapes[index])], 1e-3);
    if (at % Math.ceil(steps / 10) === 0) residentMb.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
  }
  for (const step of trainers) await step.close();
  return { steps, residentMb };
}
