import { gradient } from '../../autodiff/gradient.js';
import { bindParameters, type ParameterSource } from '../../nn/parameters.js';
import { ShapeError } from '../../onnx/errors.js';
import {
  constant,
  createGraph,
  type Graph,
  type GraphTarget,
  input,
  output,
  type Tensor,
} from '../../onnx/graph.js';
import {
  abs,
  add,
  cast,
  concat,
  div,
  greater,
  max,
  mul,
  reduceSum,
  reshape,
  split,
  sqrt,
  sub,
  where,
} from '../../onnx/ops/index.js';
import type { TrainingStepOptions } from '../step-contract.js';
import { type Block, joined, layOut, membersOf, ROWS } from './blocks.js';

/** One thing that goes from step to step: an input, and the output that takes its place. */
export interface Carried {
  readonly input: string;
  readonly output: string;
}

/** A whole training step as a graph: forward, backward, clipping, update, average. */
export interface CardGraph {
  readonly graph: Graph;
  readonly blocks: readonly Block[];
  readonly carried: readonly Carried[];
  /** Length of the input `schedule`: the update's numbers; where gradients are accumulated also the batch's share, 1 or 0 for
   *  what was accumulated before, and 1 where the weights are to change. */
  readonly schedule: number;
  /** What the carried `totals` add up, in its order: `loss`, `gradientNorm`, and the metrics. */
  readonly totals: readonly string[];
}

/** Names of the carried inputs of a block. */
export const carriedName = (kind: string, block: number): string => `${kind}@${block}`;
export const TOTALS = 'totals';
export const SCHEDULE = 'schedule';

/** Anything larger, or no number at all, is a run that went astray. */
const FINITE = 3e38;

/** Builds the step. @param accumulates whether gradients of several batches are added up. */
export function buildCardGraph<State>(
  options: TrainingStepOptions<State>,
  target: GraphTarget,
  accumulates: boolean,
): CardGraph {
  const { card } = options.optimiser;
  const blocks = layOut(learnedWeights(options), card.rate, card.decay);
  const graph = createGraph(options.name, target);
  const weights = blocks.map((block, at) => input(graph, carriedName('weights', at), [block.size]));
  const learned = new Map(blocks.flatMap((block, at) => [...membersOf(weights[at] as Tensor, block)]));
  const objective = options.build(graph, sourceOf(graph, options, learned));
  const names = [...learned.keys()];
  const gradients = gradient(objective.loss, [...learned.values()]);
  const byName = new Map(gradients.map((tensor, at) => [names[at] as string, tensor]));
  const schedule = card.numbers + (accumulates ? 3 : 0);
  const step: StepBuilder = {
    graph,
    numbers: split(input(graph, SCHEDULE, [schedule]), 0, new Array<number>(schedule).fill(1)),
    carried: [],
  };
  const fresh = blocks.map((block) => joined(graph, block, byName));
  const used = accumulates ? accumulated(step, fresh, card.numbers) : fresh;
  const norm = sqrt(used.map(sumOfSquares).reduce((sum, one) => add(sum, one)));
  const loss = reshape(objective.loss, [1]);
  const apply = accumulates ? step.numbers[card.numbers + 2] : undefined;
  const goes = finite(add(abs(loss), norm), apply);
  updateBlocks(step, options, blocks, weights, used, norm, goes);
  const metrics = Object.entries(objective.metrics ?? {});
  const share = accumulates ? step.numbers[card.numbers] : undefined;
  const shared = (tensor: Tensor) => (share ? mul(reshape(tensor, [1]), share) : reshape(tensor, [1]));
  const values = [
    shared(loss),
    apply ? mul(norm, apply) : norm,
    ...metrics.map(([, tensor]) => shared(tensor)),
  ];
  carry(step, TOTALS, [values.length], (totals) => add(totals, concat(values, 0)));
  return {
    graph,
    blocks,
    carried: step.carried,
    schedule,
    totals: ['loss', 'gradientNorm', ...metrics.map(([name]) => name)],
  };
}

interface StepBuilder {
  readonly graph: Graph;
  readonly numbers: readonly Tensor[];
  readonly carried: Carried[];
}

function carry(
  step: StepBuilder,
  name: string,
  shape: readonly number[],
  next: (old: Tensor) => Tensor,
): void {
  carryTo(step, input(step.graph, name, shape), next);
}

function carryTo({ graph, carried }: StepBuilder, old: Tensor, next: (old: Tensor) => Tensor): Tensor {
  const tensor = next(old);
  const name = `next/${old.name}`;
  output(graph, name, tensor);
  carried.push({ input: old.name, output: name });
  return tensor;
}

/** The weights that the objective asks for and that learn; found by building it once. */
function learnedWeights<State>(options: TrainingStepOptions<State>) {
  const graph = createGraph(options.name);
  const { source, bound } = bindParameters(graph, options.weights, options.trainable);
  options.build(graph, source);
  return new Map([...options.weights].filter(([name]) => bound.has(name)));
}

function sourceOf<State>(
  graph: Graph,
  options: TrainingStepOptions<State>,
  learned: ReadonlyMap<string, Tensor>,
): ParameterSource {
  const { source: frozen } = bindParameters(graph, options.weights);
  return (name, shape) => {
    const tensor = learned.get(name);
    if (tensor && tensor.shape.join() !== shape.join())
      throw new ShapeError(
        `graph "${graph.name}": the weight "${name}" is [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`,
      );
    return tensor ?? frozen(name, shape);
  };
}

/** `sum ← kept · sum + share · gradient`, block by block. */
function accumulated(step: StepBuilder, fresh: readonly Tensor[], first: number): Tensor[] {
  const [share, kept] = step.numbers.slice(first) as [Tensor, Tensor];
  return fresh.map((gradients, at) => {
    const old = input(step.graph, carriedName('sum', at), gradients.shape);
    return carryTo(step, old, (sum) => add(mul(sum, kept), mul(gradients, share)));
  });
}

/** `[1]`: in parts side by side, so that more than one thread adds. */
function sumOfSquares(x: Tensor): Tensor {
  const rows = reshape(mul(x, x), [ROWS, Number(x.shape[0]) / ROWS]);
  return reshape(reduceSum(reduceSum(rows, { axes: [1] })), [1]);
}

/** Bool `[1]`: whether the weights may change. Comparisons with what is no number are false. */
function finite(x: Tensor, apply: Tensor | undefined): Tensor {
  const sound = greater(constant(x.graph, FINITE), x);
  return apply ? greater(mul(cast(sound, 'float32'), apply), 0.5) : sound;
}

function updateBlocks<State>(
  step: StepBuilder,
  options: TrainingStepOptions<State>,
  blocks: readonly Block[],
  weights: readonly Tensor[],
  gradients: readonly Tensor[],
  norm: Tensor,
  goes: Tensor,
): void {
  const { card } = options.optimiser;
  const { graph } = step;
  const limit = options.clipNorm;
  const factor = limit === undefined ? null : div(constant(graph, limit), max(norm, limit));
  blocks.forEach((block, at) => {
    const gradientOf = gradients[at] as Tensor;
    const old = card.slots.map((slot) => input(graph, carriedName(slot, at), [block.size]));
    const next = card.update({
      weights: weights[at] as Tensor,
      gradient: factor ? mul(gradientOf, factor) : gradientOf,
      slots: old,
      numbers: step.numbers,
      rate: block.rate,
      decay: block.decay,
    });
    const kept = carryTo(step, weights[at] as Tensor, (before) => where(goes, next.weights, before));
    old.forEach((tensor, slot) => {
      carryTo(step, tensor, (before) => where(goes, next.slots[slot] as Tensor, before));
    });
    const { average } = options;
    if (average === undefined) return;
    carry(step, carriedName('average', at), [block.size], (before) =>
      where(goes, add(before, mul(sub(kept, before), 1 - average)), before),
    );
  });
}
