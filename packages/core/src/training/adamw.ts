import type { Parameter, ParameterMap } from '../nn/parameters.js';
import { adamWLoop } from './adamw-loop.js';

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

export interface Optimiser<State> {
  init(parameters: ParameterMap): State;
  /** Changes the parameters and the state in place.
   *  @param factor on every gradient, from {@link clipping}; 1 by default. */
  update(
    gradients: ReadonlyMap<string, Float32Array>,
    state: State,
    parameters: ParameterMap,
    learningRate: number,
    factor?: number,
  ): void;
}

/** AdamW (Loshchilov & Hutter 2019), in PyTorch's order: the weight decays first, then takes the step.
 *  It runs beside the graph and not in it: as ONNX operators it reads and writes every weight some fifteen
 *  times, here once (see docs/decisions). */
export function adamW(options: AdamWOptions = {}): Optimiser<AdamWState> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    init: (parameters) => {
      const zeros = () =>
        new Map([...parameters].map(([name, { data }]) => [name, new Float32Array(data.length)]));
      return { first: zeros(), second: zeros(), step: 0 };
    },
    update(gradients, state, parameters, learningRate, factor = 1) {
      state.step += 1;
      const first = 1 - beta1 ** state.step;
      const second = Math.sqrt(1 - beta2 ** state.step);
      for (const [name, parameter] of parameters) {
        const gradient = gradients.get(name);
        const m = state.first.get(name);
        const v = state.second.get(name);
        if (!gradient || !m || !v) throw new RangeError(`adamW: no gradient or moments for "${name}"`);
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

/** Four sums side by side, because each addition waits for the one before it. */
function sumOfSquares(x: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = x.length - (x.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += (x[i] as number) ** 2;
    b += (x[i + 1] as number) ** 2;
    c += (x[i + 2] as number) ** 2;
    d += (x[i + 3] as number) ** 2;
  }
  for (let i = whole; i < x.length; i++) a += (x[i] as number) ** 2;
  return a + b + c + d;
}
