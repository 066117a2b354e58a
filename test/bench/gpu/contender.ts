import { l2Normalise } from '../../../packages/core/src/nn/l2-normalise.js';
import { bindParameters, type Parameter } from '../../../packages/core/src/nn/parameters.js';
import { createGraph, input, output } from '../../../packages/core/src/onnx/graph.js';
import { createRandom } from '../../../packages/core/src/random.js';
import {
  createSession,
  float32,
  type HostTensor,
  hostTensor,
  type Provider,
  type SessionOptions,
} from '../../../packages/core/src/runtime/session.js';
import { type AdamWState, adamW } from '../../../packages/core/src/training/adamw.js';
import { inGroups, rowsOf } from '../../../packages/core/src/training/in-groups.js';
import { cosineLoss } from '../../../packages/core/src/training/losses.js';
import {
  createTrainingStep,
  type TrainingStep,
  type TrainingStepOptions,
} from '../../../packages/core/src/training/training-step.js';
import type { BenchModel } from './models.js';

export const training = { learningRate: 1e-4, decay: 0.05, beta2: 0.98, clipNorm: 1 };

/** Fresh weights, even numbers instead of normal ones: a large model has ninety million, and timing does not ask for better. */
export function freshWeights(model: BenchModel): Map<string, Parameter> {
  let seed = 1;
  return new Map(
    Object.entries(model.specs).map(([name, { shape, init }]) => {
      const data = new Float32Array(shape.reduce((size, dim) => size * dim, 1));
      if (init === 'ones') data.fill(1);
      else if (init !== 'zeros') {
        // The generator of Numerical Recipes; an even distribution from −√3 to √3 has a deviation of one.
        const scale = (init * 2 * Math.sqrt(3)) / 2 ** 32;
        for (let at = 0; at < data.length; at++) {
          seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
          data[at] = scale * (seed - 2 ** 31);
        }
      }
      return [name, { shape, data }];
    }),
  );
}

/** A batch of noise: pictures, and the vectors that they are to come to. */
export function makeBatch(model: BenchModel, batch: number, seed = 'batch'): Record<string, HostTensor> {
  const random = createRandom(seed);
  const side = model.size;
  return {
    pixels: hostTensor(
      'uint8',
      Uint8Array.from({ length: batch * side * side * 3 }, () => random.integer(256)),
      [batch, side, side, 3],
    ),
    target: float32(
      Float32Array.from({ length: batch * model.embedding }, () => random.normal()),
      [batch, model.embedding],
    ),
  };
}

/** Milliseconds of one forward pass, `repeats` of them after two to warm up: bytes up, embeddings down. */
export async function timeForward(
  model: BenchModel,
  weights: ReadonlyMap<string, Parameter>,
  provider: Provider,
  batch: number,
  repeats: number,
): Promise<number[]> {
  const graph = createGraph(model.name, provider);
  const { source } = bindParameters(graph, weights);
  const pixels = input(graph, 'pixels', [batch, model.size, model.size, 3], 'uint8');
  output(graph, 'embedding', model.build(source, pixels));
  const session = await createSession(graph, { provider });
  const { pixels: data } = makeBatch(model, batch);
  const times: number[] = [];
  for (let round = -2; round < repeats; round++) {
    const started = performance.now();
    await session.run({ pixels: data as HostTensor });
    if (round >= 0) times.push(performance.now() - started);
  }
  await session.close();
  return times;
}

/** A training step of the model: forward, backward, clipping and AdamW. */
export const openStep = (...options: Parameters<typeof stepOptions>): Promise<TrainingStep<AdamWState>> =>
  createTrainingStep(stepOptions(...options));

export const stepOptions = (
  model: BenchModel,
  weights: Map<string, Parameter>,
  provider: Provider,
  batch: number,
  readEvery: number,
  session: SessionOptions = { provider },
): TrainingStepOptions<AdamWState> => ({
  name: model.name,
  weights,
  trainable: () => true,
  build: (graph, source) => {
    const pixels = input(graph, 'pixels', [batch, model.size, model.size, 3], 'uint8');
    const target = input(graph, 'target', [batch, model.embedding]);
    const [embedding] = inGroups(graph, batch, (start, end) => [
      model.build(source, rowsOf(pixels, start, end)),
    ]);
    if (!embedding) throw new Error('bench: no embedding');
    return { loss: cosineLoss(l2Normalise(embedding), l2Normalise(target)) };
  },
  optimiser: adamW({ beta2: training.beta2, weightDecay: () => training.decay }),
  clipNorm: training.clipNorm,
  readEvery,
  session,
});

/** Milliseconds of one training step, from runs of `readEvery` steps each. */
export async function timeStep(
  model: BenchModel,
  weights: ReadonlyMap<string, Parameter>,
  provider: Provider,
  batch: number,
  { readEvery, repeats }: { readEvery: number; repeats: number },
): Promise<number[]> {
  const copy = new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  const step = await openStep(model, copy, provider, batch, readEvery);
  const feeds = makeBatch(model, batch);
  const times: number[] = [];
  // The first step is read by itself; the run after it compiles what it needs and is not counted either.
  await step.step([feeds], training.learningRate);
  for (let round = -1; round < repeats; round++) {
    const started = performance.now();
    for (let at = 0; at < readEvery; at++) await step.step([feeds], training.learningRate);
    if (round >= 0) times.push((performance.now() - started) / readEvery);
  }
  await step.close();
  return times;
}
