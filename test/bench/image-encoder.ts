import { createRequire } from 'node:module';
import type { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { gradient } from '../../packages/core/src/autodiff/gradient.js';
import { defaultSmallConfig, type SmallConfig } from '../../packages/core/src/models/small/config.js';
import { imageTower, imageTowerSpecs } from '../../packages/core/src/models/small/image-tower.js';
import { l2Normalise } from '../../packages/core/src/nn/l2-normalise.js';
import {
  bindParameters,
  initialise,
  type Parameter,
  type ParameterSource,
  within,
} from '../../packages/core/src/nn/parameters.js';
import { encodeModel } from '../../packages/core/src/onnx/encode.js';
import { createGraph, type Graph, input, output, type Tensor } from '../../packages/core/src/onnx/graph.js';
import { createRandom } from '../../packages/core/src/random.js';
import {
  createSession,
  float32,
  type HostTensor,
  hostTensor,
} from '../../packages/core/src/runtime/session.js';
import { adamW } from '../../packages/core/src/training/adamw.js';
import { inGroups, rowsOf } from '../../packages/core/src/training/in-groups.js';
import { cosineLoss } from '../../packages/core/src/training/losses.js';
import { createTrainingStep } from '../../packages/core/src/training/training-step.js';

// The point of this file is to run the runtime without our layer over it, hence the second importer.
const ort: typeof import('onnxruntime-node') = createRequire(
  new URL('../../packages/core/package.json', import.meta.url),
)('onnxruntime-node');

/** What is measured: a call does one forward pass or one training step. */
export interface Contender {
  readonly name: string;
  forward(): Promise<void>;
  /** Forward, backward, clipping and AdamW; what is left out is said in `note`. */
  step(): Promise<void>;
  readonly note?: string;
  close(): Promise<void>;
}

/** The same numbers for every contender. */
export interface Problem {
  readonly config: SmallConfig;
  readonly batch: number;
  readonly threads: number;
  readonly pixels: HostTensor;
  readonly target: HostTensor;
  readonly weights: ReadonlyMap<string, Parameter>;
}

export const training = {
  learningRate: 1e-4,
  decay: 0.05,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  clipNorm: 1,
};

export function makeProblem(batch: number, threads: number): Problem {
  const config = defaultSmallConfig;
  const random = createRandom('bench');
  const { size } = config.image;
  const pixels = Uint8Array.from({ length: batch * size * size * 3 }, () => random.integer(256));
  const target = Float32Array.from({ length: batch * config.embedding }, () => random.normal());
  return {
    config,
    batch,
    threads,
    pixels: hostTensor('uint8', pixels, [batch, size, size, 3]),
    target: float32(target, [batch, config.embedding]),
    weights: initialise(imageTowerSpecs('image', config), random),
  };
}

/** A copy: a training step changes its weights in place. */
const copyWeights = ({ weights }: Problem): Map<string, Parameter> =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));

function forwardGraph(problem: Problem): Graph {
  const graph = createGraph('image encoder');
  const { source } = bindParameters(graph, problem.weights);
  const pixels = input(graph, 'pixels', problem.pixels.shape, 'uint8');
  output(graph, 'embedding', imageTower(within(source, 'image'), pixels, problem.config).embedding);
  return graph;
}

function objective(problem: Problem, graph: Graph, source: ParameterSource) {
  const pixels = input(graph, 'pixels', problem.pixels.shape, 'uint8');
  const target = input(graph, 'target', problem.target.shape);
  const [embedding] = inGroups(graph, problem.batch, (start, end) => [
    imageTower(within(source, 'image'), rowsOf(pixels, start, end), problem.config).embedding,
  ]) as [Tensor];
  return cosineLoss(l2Normalise(embedding), l2Normalise(target));
}

/** The engine, as the product uses it. */
export async function freestyle(
  problem: Problem,
): Promise<Contender & { embed(): Promise<Float32Array>; losses: number[] }> {
  const session = await createSession(forwardGraph(problem), { threads: problem.threads });
  const trainer = await createTrainingStep({
    name: 'bench',
    weights: copyWeights(problem),
    trainable: () => true,
    build: (graph, source) => ({ loss: objective(problem, graph, source) }),
    optimiser: adamW({ ...training, weightDecay: () => training.decay }),
    clipNorm: training.clipNorm,
    session: { threads: problem.threads },
  });
  const feeds = { pixels: problem.pixels, target: problem.target };
  const losses: number[] = [];
  const embed = async () => (await session.run({ pixels: problem.pixels })).embedding?.data as Float32Array;
  return {
    name: 'freestyle',
    embed,
    losses,
    forward: async () => void (await embed()),
    step: async () => void losses.push((await trainer.step([feeds], training.learningRate)).loss),
    close: async () => {
      await session.close();
      await trainer.close();
    },
  };
}

/** The same graphs handed straight to ONNX Runtime, without sessions, batching or optimiser of ours. */
export async function plainRuntime(problem: Problem): Promise<Contender> {
  const graph = createGraph('forward and backward');
  const { source, bound } = bindParameters(graph, problem.weights, () => true);
  const loss = objective(problem, graph, source);
  output(graph, 'loss', loss);
  gradient(loss, [...bound.values()]).forEach((tensor, place) => {
    output(graph, `gradient/${place}`, tensor);
  });
  const open = (model: Graph): Promise<InferenceSession> =>
    ort.InferenceSession.create(encodeModel(model), { intraOpNumThreads: problem.threads });
  const [forward, backward] = [await open(forwardGraph(problem)), await open(graph)];
  const pixels = new ort.Tensor('uint8', problem.pixels.data as Uint8Array, problem.pixels.shape);
  const feeds: Record<string, RuntimeTensor> = {
    pixels,
    target: new ort.Tensor('float32', problem.target.data as Float32Array, problem.target.shape),
  };
  for (const [name, { data, shape }] of problem.weights) feeds[name] = new ort.Tensor('float32', data, shape);
  return {
    name: 'onnxruntime alone',
    note: 'onnxruntime alone has no optimiser: its step is forward and backward only',
    forward: async () => void (await forward.run({ pixels })),
    step: async () => void (await backward.run(feeds)),
    close: async () => {
      await forward.release();
      await backward.release();
    },
  };
}
