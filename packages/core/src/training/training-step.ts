import { gradient } from '../autodiff/gradient.js';
import { CoreError } from '../errors.js';
import { bindParameters, type Parameter, type ParameterMap, type ParameterSource } from '../nn/parameters.js';
import { createGraph, type Graph, output, type Tensor } from '../onnx/graph.js';
import { createSession, float32, type HostTensor, type SessionOptions } from '../runtime/session.js';
import { clipping, type Optimiser } from './adamw.js';

/** What a training graph computes: a scalar loss, and scalars worth logging. */
export interface Objective {
  readonly loss: Tensor;
  readonly metrics?: Readonly<Record<string, Tensor>>;
}

export interface TrainingStepOptions<State> {
  readonly name: string;
  readonly weights: ParameterMap;
  /** Weights that learn; the others are frozen inside the session. */
  readonly trainable: (name: string) => boolean;
  readonly build: (graph: Graph, parameters: ParameterSource) => Objective;
  readonly optimiser: Optimiser<State>;
  /** Limit on the norm of all gradients together; none when absent. */
  readonly clipNorm?: number;
  readonly session?: SessionOptions;
  /** Goes on from a copy of this state instead of a fresh one. */
  readonly state?: State;
}

export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A compiled training step. The weights it changes are those of the map it was given, in place. */
export interface TrainingStep<State> {
  readonly trained: ReadonlyMap<string, Parameter>;
  readonly state: State;
  /** One update from one or more batches, whose gradients are averaged (gradient accumulation).
   *  @throws {DivergedError} if the loss or a gradient is not finite; the weights are then as before.
   *  @throws {RangeError} for no batch at all. */
  step(batches: readonly Readonly<Record<string, HostTensor>>[], learningRate: number): Promise<StepResult>;
  close(): Promise<void>;
}

/** The loss or the norm of its gradients is NaN or infinite. */
export class DivergedError extends CoreError {
  constructor(name: string, loss: number, gradientNorm: number) {
    super(
      'DIVERGED',
      `training "${name}": the loss is ${loss} and its gradients' norm ${gradientNorm}, expected finite numbers; ` +
        'lower the learning rate or check the data',
      { loss, gradientNorm },
    );
  }
}

const GRADIENT = 'gradient/';

function buildGraph<State>(options: TrainingStepOptions<State>) {
  const graph = createGraph(options.name);
  const { source, bound } = bindParameters(graph, options.weights, options.trainable);
  const objective = options.build(graph, source);
  const names = [...bound.keys()];
  const gradients = gradient(objective.loss, [...bound.values()]);
  output(graph, 'loss', objective.loss);
  for (const [name, tensor] of Object.entries(objective.metrics ?? {}))
    output(graph, `metric/${name}`, tensor);
  for (const [index, tensor] of gradients.entries()) output(graph, `${GRADIENT}${names[index]}`, tensor);
  return { graph, names };
}

/** Builds forward and backward as one graph and compiles it. */
export async function createTrainingStep<State>(
  options: TrainingStepOptions<State>,
): Promise<TrainingStep<State>> {
  const { graph, names } = buildGraph(options);
  const session = await createSession(graph, options.session);
  const trained = new Map(names.map((name) => [name, options.weights.get(name) as Parameter]));
  const state = options.optimiser.init(trained, options.state);
  const fed = Object.fromEntries([...trained].map(([name, { data, shape }]) => [name, float32(data, shape)]));
  const gradients = options.optimiser.gradients(state);
  const into = intoBuffers(gradients, trained);
  let sums: Map<string, Float32Array> | null = null;

  return {
    trained,
    state,
    async step(batches, learningRate) {
      if (batches.length === 0) throw new RangeError(`training "${options.name}": a step needs a batch`);
      let loss = 0;
      const metrics: Record<string, number> = {};
      const share = 1 / batches.length;
      if (batches.length > 1) {
        sums ??= new Map([...trained].map(([name, { data }]) => [name, new Float32Array(data.length)]));
      }
      for (const [index, batch] of batches.entries()) {
        const results = await session.run({ ...fed, ...batch }, into);
        loss += share * scalar(results.loss);
        for (const [name, tensor] of Object.entries(results)) {
          if (!name.startsWith('metric/')) continue;
          const key = name.slice('metric/'.length);
          metrics[key] = (metrics[key] ?? 0) + share * scalar(tensor);
        }
        if (sums && batches.length > 1) accumulate(sums, gradients, share, index === 0);
      }
      const used = sums && batches.length > 1 ? sums : gradients;
      const { norm: gradientNorm, factor } = clipping(used, options.clipNorm ?? Number.POSITIVE_INFINITY);
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw new DivergedError(options.name, loss, gradientNorm);
      }
      options.optimiser.update(used, state, trained, learningRate, factor);
      return { loss, gradientNorm, metrics };
    },
    close: () => session.close(),
  };
}

const intoBuffers = (
  gradients: ReadonlyMap<string, Float32Array>,
  trained: ReadonlyMap<string, Parameter>,
): Record<string, HostTensor> =>
  Object.fromEntries(
    [...gradients].map(([name, data]) => [
      `${GRADIENT}${name}`,
      float32(data, trained.get(name)?.shape ?? []),
    ]),
  );

const scalar = (tensor: HostTensor | undefined): number => Number(tensor?.data[0] ?? Number.NaN);

function accumulate(
  sums: ReadonlyMap<string, Float32Array>,
  gradients: ReadonlyMap<string, Float32Array>,
  share: number,
  first: boolean,
): void {
  for (const [name, sum] of sums) {
    const gradient = gradients.get(name);
    if (!gradient) continue;
    for (let i = 0; i < sum.length; i++)
      sum[i] = (first ? 0 : (sum[i] as number)) + share * (gradient[i] as number);
  }
}
