import { createRandom } from '../random.js';
import { type EmbeddingMatrix, EvaluationError, matrixRow } from './embedding-matrix.js';

/** How well a linear probe reads a label out of vectors. */
export interface ProbeResult {
  /** Share of held-out vectors whose label the probe names. */
  readonly accuracy: number;
  /** What always naming the commonest label of the training part earns on the held-out part. */
  readonly chance: number;
  readonly trained: number;
  readonly held: number;
}

/** The probe over several splits into training and held-out groups. */
export interface ProbeSpread {
  /** Mean over splits. */
  readonly accuracy: number;
  /** Standard deviation over splits: what one split alone would have left to chance. */
  readonly deviation: number;
  readonly chance: number;
  readonly splits: number;
}

/** Splits that `linearProbes` draws. */
const SPLITS = 5;

/** `linearProbe` over several random splits. @throws {EvaluationError} as `linearProbe`. */
export function linearProbes(
  vectors: EmbeddingMatrix,
  labels: readonly string[],
  groups: readonly string[],
  { splits = SPLITS, seed = 0, ...options }: ProbeOptions & { readonly splits?: number } = {},
): ProbeSpread {
  const results = Array.from({ length: splits }, (_, split) =>
    linearProbe(vectors, labels, groups, { ...options, seed: seed + split }),
  );
  const mean = (of: (result: ProbeResult) => number) =>
    results.reduce((sum, result) => sum + of(result), 0) / splits;
  const accuracy = mean((result) => result.accuracy);
  const variance = mean((result) => (result.accuracy - accuracy) ** 2) * (splits / Math.max(1, splits - 1));
  return { accuracy, deviation: Math.sqrt(variance), chance: mean((result) => result.chance), splits };
}

export interface ProbeOptions {
  readonly seed?: number;
  /** Share of the groups that is held out. */
  readonly heldShare?: number;
  /** Weight of `½‖W‖²` against the mean cross-entropy. */
  readonly decay?: number;
  readonly steps?: number;
}

/** Accuracy of a multinomial logistic regression (Alain and Bengio 2016, linear probes) on vectors that it did not see.
 *  As a style probe: 1 means that the style of a query can be read off its vector, `chance` that it has been removed.
 *  Vectors of one group (the photo that is meant) are never on both sides. Values are standardised on the training part;
 *  full-batch gradient descent with momentum, a convex problem, so the seed only draws the split.
 *  @param labels, groups one for each row.
 *  @throws {EvaluationError} lengths that differ, fewer than two labels or groups. */
export function linearProbe(
  vectors: EmbeddingMatrix,
  labels: readonly string[],
  groups: readonly string[],
  options: ProbeOptions = {},
): ProbeResult {
  const names = [...new Set(labels)];
  const groupNames = [...new Set(groups)];
  if (
    labels.length !== vectors.rows ||
    groups.length !== vectors.rows ||
    names.length < 2 ||
    groupNames.length < 2
  ) {
    throw new EvaluationError(
      'EVALUATION_PROBE',
      `A probe needs a label and a group for each of ${vectors.rows} vectors, and at least 2 of both; got ${labels.length} labels (${names.length} different) and ${groups.length} groups (${groupNames.length} different).`,
    );
  }
  const { seed = 0, heldShare = 0.3 } = options;
  const order = createRandom(`probe ${seed}`).shuffle(groupNames);
  const heldGroups = new Set(order.slice(0, Math.max(1, Math.round(heldShare * order.length))));
  const classes = labels.map((label) => names.indexOf(label));
  const all = [...labels.keys()];
  const train = all.filter((row) => !heldGroups.has(groups[row] ?? ''));
  const held = all.filter((row) => heldGroups.has(groups[row] ?? ''));
  const inputs = standardise(vectors, train);
  const weights = fit(inputs, vectors.dimensions, classes, train, names.length, options);
  const right = held.filter(
    (row) => predict(inputs, vectors.dimensions, weights, row, names.length) === classes[row],
  );
  const counts = names.map((_, c) => train.filter((row) => classes[row] === c).length);
  const commonest = counts.indexOf(Math.max(...counts));
  return {
    accuracy: right.length / held.length,
    chance: held.filter((row) => classes[row] === commonest).length / held.length,
    trained: train.length,
    held: held.length,
  };
}

/** Zero mean and unit deviation by column, as measured on the training rows. */
function standardise(vectors: EmbeddingMatrix, train: readonly number[]): Float32Array {
  const { dimensions } = vectors;
  const mean = new Float64Array(dimensions);
  const square = new Float64Array(dimensions);
  for (const row of train) {
    matrixRow(vectors, row).forEach((value, d) => {
      mean[d] = (mean[d] as number) + value / train.length;
      square[d] = (square[d] as number) + (value * value) / train.length;
    });
  }
  return vectors.data.map((value, at) => {
    const d = at % dimensions;
    const variance = (square[d] as number) - (mean[d] as number) ** 2;
    return (value - (mean[d] as number)) / Math.sqrt(Math.max(variance, 1e-12));
  });
}

/** `[classes, dimensions + 1]`, the bias last. */
function fit(
  inputs: Float32Array,
  dimensions: number,
  labels: readonly number[],
  train: readonly number[],
  classes: number,
  { decay = 1e-3, steps = 300 }: ProbeOptions,
): Float64Array {
  const width = dimensions + 1;
  const weights = new Float64Array(classes * width);
  const velocity = new Float64Array(classes * width);
  // Standardised inputs bound the curvature by about `dimensions`/2: this step is stable for every data set.
  const rate = 1 / dimensions;
  for (let step = 0; step < steps; step++) {
    const gradient = weights.map((weight, at) => (at % width === dimensions ? 0 : decay * weight));
    for (const row of train) {
      const shares = softmax(logits(inputs, dimensions, weights, row, classes));
      for (let c = 0; c < classes; c++) {
        // ∂(−log p_y)/∂logit_c = p_c − [c = y]
        const error = ((shares[c] as number) - (labels[row] === c ? 1 : 0)) / train.length;
        const to = c * width;
        const from = row * dimensions;
        for (let d = 0; d < dimensions; d++) {
          gradient[to + d] = (gradient[to + d] as number) + error * (inputs[from + d] as number);
        }
        gradient[to + dimensions] = (gradient[to + dimensions] as number) + error;
      }
    }
    for (let at = 0; at < weights.length; at++) {
      velocity[at] = 0.9 * (velocity[at] as number) - rate * (gradient[at] as number);
      weights[at] = (weights[at] as number) + (velocity[at] as number);
    }
  }
  return weights;
}

function logits(
  inputs: Float32Array,
  dimensions: number,
  weights: Float64Array,
  row: number,
  classes: number,
): Float64Array {
  const out = new Float64Array(classes);
  const from = row * dimensions;
  for (let c = 0; c < classes; c++) {
    const base = c * (dimensions + 1);
    let sum = weights[base + dimensions] as number;
    for (let d = 0; d < dimensions; d++) sum += (weights[base + d] as number) * (inputs[from + d] as number);
    out[c] = sum;
  }
  return out;
}

function softmax(values: Float64Array): Float64Array {
  const largest = Math.max(...values);
  const shares = values.map((value) => Math.exp(value - largest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

function predict(
  inputs: Float32Array,
  dimensions: number,
  weights: Float64Array,
  row: number,
  classes: number,
): number {
  const scores = logits(inputs, dimensions, weights, row, classes);
  return scores.indexOf(Math.max(...scores));
}
