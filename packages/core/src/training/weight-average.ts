import type { Parameter } from '../nn/parameters.js';
import type { TrainingStepOptions } from './step-contract.js';

/** The average starts where the weights do, or goes on from one that was given; null where none is asked for. */
export function startAverage<State>(
  options: TrainingStepOptions<State>,
  trained: ReadonlyMap<string, Parameter>,
): Map<string, Float32Array> | null {
  if (options.average === undefined) return null;
  return new Map(
    [...trained].map(([name, { data }]) => [name, (options.averageFrom?.get(name) ?? data).slice()]),
  );
}

/** `average ← keep · average + (1 − keep) · weights`, in place. */
export function followWeights(
  average: ReadonlyMap<string, Float32Array>,
  trained: ReadonlyMap<string, Parameter>,
  keep: number,
): void {
  for (const [name, data] of average) {
    const weights = trained.get(name)?.data ?? data;
    for (let i = 0; i < data.length; i++) {
      const old = data[i] as number;
      data[i] = old + (1 - keep) * ((weights[i] as number) - old);
    }
  }
}
