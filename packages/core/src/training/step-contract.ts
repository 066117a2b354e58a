import { CoreError } from '../errors.js';
import type { Parameter, ParameterMap, ParameterSource } from '../nn/parameters.js';
import type { Graph, Tensor } from '../onnx/graph.js';
import type { HostTensor, SessionOptions } from '../runtime/session.js';
import type { Optimiser } from './adamw.js';

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
  /** Keeps an exponential moving average of the weights: the share of the old average in the new one, such as 0.998. */
  readonly average?: number;
  /** Averages to go on from; the weights themselves when absent. */
  readonly averageFrom?: ReadonlyMap<string, Float32Array>;
  /** Steps between two readings of the numbers on a card, which stops for each; 16 when absent. A processor has them at every
   *  step. */
  readonly readEvery?: number;
}

/** Means over the steps since the last reading: over the step itself on a processor. */
export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A compiled training step. The weights it changes are those of the map it was given, in place. */
export interface TrainingStep<State> {
  readonly trained: ReadonlyMap<string, Parameter>;
  readonly state: State;
  /** The moving averages of the trained weights; null where none are kept. */
  readonly average: ReadonlyMap<string, Float32Array> | null;
  /** One update from one or more batches, whose gradients are averaged (gradient accumulation). On a card it may wait for
   *  others, and gives the numbers of the last reading until the next.
   *  @throws {DivergedError} if the loss or a gradient is not finite; such a step leaves the weights as they were.
   *  @throws {RangeError} for no batch at all. */
  step(batches: readonly Readonly<Record<string, HostTensor>>[], learningRate: number): Promise<StepResult>;
  /** Brings weights, moments and averages from the card into their arrays; to be called before any of them is read. Nothing to
   *  do on a processor. */
  read(): Promise<void>;
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
