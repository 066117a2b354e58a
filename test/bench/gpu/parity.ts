import type { Provider } from '../../../packages/core/src/runtime/session.js';
import { freshWeights, makeBatch, openStep, training } from './contender.js';
import type { BenchModel } from './models.js';

export interface Parity {
  readonly model: string;
  readonly steps: number;
  readonly batch: number;
  /** Losses of the processor and of the card, step by step. */
  readonly losses: readonly (readonly [number, number])[];
  /** Largest difference of two losses. */
  readonly lossGap: number;
  /** `|a − b| / |a − start|` over all weights: how much of the way that they went is not the same. */
  readonly weightGap: number;
}

/** Trains the same model on the processor and on the card, each step with other pictures. */
export async function parityOfTraining(
  model: BenchModel,
  provider: Provider,
  batch: number,
  steps: number,
): Promise<Parity> {
  const train = async (where: Provider) => {
    const weights = freshWeights(model);
    const step = await openStep(model, weights, where, batch, 1);
    const losses: number[] = [];
    for (let at = 0; at < steps; at++)
      losses.push((await step.step([makeBatch(model, batch, `${at}`)], training.learningRate)).loss);
    await step.read();
    await step.close();
    return { weights, losses };
  };
  const [plain, card] = [await train('cpu'), await train(provider)];
  const start = freshWeights(model);
  let [apart, way] = [0, 0];
  for (const [name, { data }] of plain.weights) {
    const [other, before] = [card.weights.get(name)?.data, start.get(name)?.data];
    data.forEach((value, at) => {
      apart += (value - (other?.[at] ?? Number.NaN)) ** 2;
      way += (value - (before?.[at] ?? Number.NaN)) ** 2;
    });
  }
  const losses = plain.losses.map((loss, at) => [loss, card.losses[at] ?? Number.NaN] as const);
  return {
    model: model.name,
    steps,
    batch,
    losses,
    lossGap: Math.max(...losses.map(([a, b]) => Math.abs(a - b))),
    weightGap: Math.sqrt(apart / way),
  };
}
