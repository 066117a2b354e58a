import { gradient } from '../autodiff/gradient.js';
import { bindParameters, type Parameter } from '../nn/parameters.js';
import { createGraph, output } from '../onnx/graph.js';
import { createSession, float32, type HostTensor } from '../runtime/session.js';
import { clipping } from './adamw.js';
import { createCardStep } from './card/card-step.js';
import { DivergedError, type TrainingStep, type TrainingStepOptions } from './step-contract.js';
import { followWeights, startAverage } from './weight-average.js';

export type { Objective, StepResult, TrainingStep, TrainingStepOptions } from './step-contract.js';
export { DivergedError } from './step-contract.js';

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

/** Builds a training step and compiles it. On a processor forward and backward are one graph and the optimiser runs beside it;
 *  on a card everything is in the graph and stays there. */
export const createTrainingStep = <State>(
  options: TrainingStepOptions<State>,
): Promise<TrainingStep<State>> =>
  (options.session?.provider ?? 'cpu') === 'cpu' ? createProcessorStep(options) : createCardStep(options);

async function createProcessorStep<State>(options: TrainingStepOptions<State>): Promise<TrainingStep<State>> {
  const { graph, names } = buildGraph(options);
  const session = await createSession(graph, options.session);
  const trained = new Map(names.map((name) => [name, options.weights.get(name) as Parameter]));
  const state = options.optimiser.init(trained, options.state);
  const fed = Object.fromEntries([...trained].map(([name, { data, shape }]) => [name, float32(data, shape)]));
  const gradients = options.optimiser.gradients(state);
  const into = intoBuffers(gradients, trained);
  const average = startAverage(options, trained);
  let sums: Map<string, Float32Array> | null = null;

  return {
    trained,
    state,
    average,
    read: async () => undefined,
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
      if (average) followWeights(average, trained, options.average ?? 0);
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
