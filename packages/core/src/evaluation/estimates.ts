import { studentFactor } from './student.js';
import { groupRows } from './units.js';

/** Lower and upper end. */
export type Interval = readonly [number, number];

/** Units (targets) below which an interval is printed with the words "too few queries": the coverage of every method
 *  falls away there, and no model should be chosen by it. */
export const FEWEST_UNITS = 20;

export const CONFIDENCE = 0.95;

/** A mean with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly ci95: Interval;
  /** Independent units behind it: targets, or queries where none is shared. */
  readonly units: number;
  /** Below `FEWEST_UNITS`. */
  readonly tooFew: boolean;
}

/** Mean of values in [0, 1] over queries, with the score interval of Wilson (1927) at the effective number of queries
 *  that the spread between units leaves (Dean and Pagano 2015 for clustered samples):
 *  `nEff = m(1 − m) / v · (z / t)²`, v the linearised variance of the ratio Σ sums / Σ weights over units, t with
 *  `units − 1` degrees of freedom. Where all units agree there is no spread to measure and nEff is the number of units;
 *  the interval then still has a width. Always inside [0, 1]. Deterministic: no seed.
 *  @param weights of each query, 1 by default.
 *  @param clusters the unit of each query.
 *  @throws {EvaluationError} no queries, or columns of different lengths. */
export function meanEstimate(
  values: ArrayLike<number>,
  clusters: readonly (string | number)[],
  weights?: ArrayLike<number>,
): Estimate {
  const { sums, sizes } = unitSums(values, clusters, weights);
  const { value, variance } = ratio(sums, sizes);
  return scoreInterval(value, variance, sums.length);
}

/** The interval of `meanEstimate` from a mean and its variance.
 *  @param df degrees of freedom of the variance; `units − 1` by default. */
export function scoreInterval(value: number, variance: number, units: number, df = units - 1): Estimate {
  const z = studentFactor(CONFIDENCE, Number.POSITIVE_INFINITY);
  const t = df >= 1 ? studentFactor(CONFIDENCE, df) : z;
  const spread = value * (1 - value);
  const measured = variance > 1e-12 * spread && spread > 0 ? (spread / variance) * (z / t) ** 2 : units;
  // A single unit has no spread of its own: it is one observation.
  const n = units < 2 ? 1 : Math.max(measured, 1);
  const middle = (value + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt(spread / n + (z * z) / (4 * n * n));
  const ci95 = [
    Math.max(0, Math.min(value, middle - half)),
    Math.min(1, Math.max(value, middle + half)),
  ] as const;
  return { value, ci95, units, tooFew: units < FEWEST_UNITS };
}

/** Sums and total weights by unit, in order of first appearance. */
export function unitSums(
  values: ArrayLike<number>,
  clusters: readonly (string | number)[],
  weights?: ArrayLike<number>,
): { readonly sums: Float64Array; readonly sizes: Float64Array } {
  const weighted =
    weights === undefined ? values : Float64Array.from(values, (v, i) => v * (weights[i] ?? 0));
  const ones = weights ?? new Float64Array(values.length).fill(1);
  const { sums } = groupRows(clusters, [weighted, ones]);
  return { sums: sums[0] ?? new Float64Array(), sizes: sums[1] ?? new Float64Array() };
}

/** Ratio of two sums over units, and its linearised (Taylor) variance:
 *  `v = u/(u − 1) · Σ (s_i − m·w_i)² / (Σ w)²`; 0 for one unit. */
export function ratio(
  sums: Float64Array,
  sizes: Float64Array,
): { readonly value: number; readonly variance: number } {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const value = sums.reduce((sum, one) => sum + one, 0) / total;
  const units = sums.length;
  if (units < 2) return { value, variance: 0 };
  let squares = 0;
  for (let i = 0; i < units; i++) squares += ((sums[i] as number) - value * (sizes[i] as number)) ** 2;
  return { value, variance: (units / (units - 1)) * (squares / total ** 2) };
}

/** Mean of B − A over the same queries, with a t interval over units. Two units that count half a win and half a loss
 *  each are added to its spread (Agresti and Min 2005), so that a difference that no query shows still has a width, and
 *  few wins do not look certain. The interval holds the difference. */
export function differenceEstimate(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  clusters: readonly (string | number)[],
  weights?: ArrayLike<number>,
): Estimate {
  const { sums, sizes } = unitSums(
    Float64Array.from(a, (value, i) => (b[i] ?? 0) - value),
    clusters,
    weights,
  );
  const { value, variance } = ratio(sums, sizes);
  return differenceInterval(value, variance, sums.length);
}

/** The interval of `differenceEstimate` from a difference and its variance over units.
 *  @param df degrees of freedom; `units − 1` by default. */
export function differenceInterval(value: number, variance: number, units: number, df = units - 1): Estimate {
  const factor = studentFactor(CONFIDENCE, Math.max(1, df));
  const n = units + 2;
  // Mean square of a unit's difference as the variance tells it, with Agresti and Min's ½ + ½ added.
  const square = units * ((units - 1) * variance + value * value) + 1;
  const centre = (units * value) / n;
  const half = factor * Math.sqrt(Math.max(0, square / n - centre * centre) / n);
  const ci95 = [
    Math.max(-1, Math.min(value, centre - half)),
    Math.min(1, Math.max(value, centre + half)),
  ] as const;
  return { value, ci95, units, tooFew: units < FEWEST_UNITS };
}
