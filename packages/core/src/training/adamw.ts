import type { Parameter, ParameterMap } from '../nn/parameters.js';
import type { Tensor } from '../onnx/graph.js';
import { add, div, mul, sqrt, sub } from '../onnx/ops/index.js';
import { adamWLoop, sumOfSquares, vectorArrays } from './vector-loops.js';

export interface AdamWOptions {
  /** Decay of the first moment; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the second moment; 0.999 by default. */
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled weight decay of one parameter; 0 leaves it alone. */
  readonly weightDecay?: (name: string, parameter: Parameter) => number;
  /** Factor on the learning rate of one parameter. */
  readonly rate?: (name: string) => number;
}

/** First and second moments by parameter, and the number of steps taken. */
export interface AdamWState {
  readonly first: ReadonlyMap<string, Float32Array>;
  readonly second: ReadonlyMap<string, Float32Array>;
  step: number;
}

/** The update of one block of weights, as part of a graph that runs on a card. */
export interface CardUpdate<State> {
  /** The arrays that the state keeps for each weight, by name. */
  readonly slots: readonly string[];
  slot(state: State, slot: string): ReadonlyMap<string, Float32Array>;
  /** Counts a step and gives the numbers of its update, {@link CardUpdate.numbers} many. */
  advance(state: State, learningRate: number): number[];
  readonly numbers: number;
  readonly rate: (name: string) => number;
  readonly decay: (name: string, parameter: Parameter) => number;
  update(block: {
    readonly weights: Tensor;
    readonly gradient: Tensor;
    readonly slots: readonly Tensor[];
    /** What `advance` gave, `[1]` each. */
    readonly numbers: readonly Tensor[];
    readonly rate: number;
    readonly decay: number;
  }): { readonly weights: Tensor; readonly slots: readonly Tensor[] };
}

export interface Optimiser<State> {
  /** A fresh state, or a copy of `from` to go on with.
   *  @throws {RangeError} if `from` lacks a parameter. */
  init(parameters: ParameterMap, from?: State): State;
  /** Arrays of a state for the gradients of its parameters, where the update reads them fastest. */
  gradients(state: State): ReadonlyMap<string, Float32Array>;
  /** Changes the parameters and the state in place.
   *  @param factor on every gradient, from {@link clipping}; 1 by default. */
  update(
    gradients: ReadonlyMap<string, Float32Array>,
    state: State,
    parameters: ParameterMap,
    learningRate: number,
    factor?: number,
  ): void;
  /** The same update in a graph. */
  readonly card: CardUpdate<State>;
}

/** AdamW (Loshchilov & Hutter 2019), in PyTorch's order: the weight decays first, then takes the step.
 *  On a processor it runs beside the graph and not in it: as ONNX operators it reads and writes every weight some fifteen
 *  times, here once (see docs/decisions). */
export function adamW(options: AdamWOptions = {}): Optimiser<AdamWState> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const gradientsOf = new WeakMap<AdamWState, ReadonlyMap<string, Float32Array>>();
  return {
    card: cardAdamW(options, { beta1, beta2, epsilon }),
    init(parameters, from) {
      const lengths = new Map([...parameters].map(([name, { data }]) => [name, data.length]));
      const arrays = vectorArrays(lengths, 3);
      const at = (index: number) =>
        new Map([...arrays].map(([name, group]) => [name, group[index] as Float32Array]));
      const state = { first: at(0), second: at(1), step: from?.step ?? 0 };
      gradientsOf.set(state, at(2));
      if (from) {
        for (const moment of ['first', 'second'] as const) {
          for (const [name, array] of state[moment]) array.set(momentOf(from, moment, name));
        }
      }
      return state;
    },
    gradients(state) {
      const arrays = gradientsOf.get(state);
      if (!arrays) throw new RangeError('adamW: the state is not of this optimiser');
      return arrays;
    },
    update(gradients, state, parameters, learningRate, factor = 1) {
      state.step += 1;
      const first = 1 - beta1 ** state.step;
      const second = Math.sqrt(1 - beta2 ** state.step);
      for (const [name, parameter] of parameters) {
        const gradient = gradients.get(name);
        if (!gradient) throw new RangeError(`adamW: no gradient for "${name}"`);
        const [m, v] = [momentOf(state, 'first', name), momentOf(state, 'second', name)];
        const rate = learningRate * (options.rate?.(name) ?? 1);
        const keep = 1 - rate * (options.weightDecay?.(name, parameter) ?? 0);
        adamWLoop(
          { parameter: parameter.data, gradient, first: m, second: v },
          { factor, beta1, beta2, keep, scale: rate / first, unbias: 1 / second, epsilon },
        );
      }
    },
  };
}

function cardAdamW(
  options: AdamWOptions,
  { beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number },
): CardUpdate<AdamWState> {
  return {
    slots: ['first', 'second'],
    slot: (state, slot) => state[slot as 'first' | 'second'],
    numbers: 3,
    advance(state, learningRate) {
      state.step += 1;
      const unbias = 1 / Math.sqrt(1 - beta2 ** state.step);
      return [learningRate, learningRate / (1 - beta1 ** state.step), unbias];
    },
    rate: (name) => options.rate?.(name) ?? 1,
    decay: (name, parameter) => options.weightDecay?.(name, parameter) ?? 0,
    update({ weights, gradient, slots, numbers, rate, decay }) {
      const [first, second] = slots as [Tensor, Tensor];
      const [learningRate, scale, unbias] = numbers as [Tensor, Tensor, Tensor];
      const m = add(mul(first, beta1), mul(gradient, 1 - beta1));
      const v = add(mul(second, beta2), mul(mul(gradient, gradient), 1 - beta2));
      const deviation = add(mul(sqrt(v), unbias), epsilon);
      const step = mul(div(m, deviation), mul(scale, rate));
      // The weight decays first: w − rate·decay·w − step.
      const kept = decay === 0 ? weights : sub(weights, mul(weights, mul(learningRate, rate * decay)));
      return { weights: sub(kept, step), slots: [m, v] };
    },
  };
}

function momentOf(state: AdamWState, moment: 'first' | 'second', name: string): Float32Array {
  const array = state[moment].get(name);
  if (!array) throw new RangeError(`adamW: no moments for "${name}"`);
  return array;
}

/** The Euclidean norm over all gradients, and the factor on them that brings it down to `limit`. The factor is for the
 *  update, which reads every gradient anyway. */
export function clipping(
  gradients: ReadonlyMap<string, Float32Array>,
  limit: number,
): { readonly norm: number; readonly factor: number } {
  let sum = 0;
  for (const gradient of gradients.values()) sum += sumOfSquares(gradient);
  const norm = Math.sqrt(sum);
  return { norm, factor: norm > limit ? limit / norm : 1 };
}
