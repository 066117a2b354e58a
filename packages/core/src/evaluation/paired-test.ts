import type { Random } from '../random.js';
import { groupRows } from './units.js';

export interface PairedTest {
  /** Mean of B − A over queries. */
  readonly difference: number;
  /** Two-sided. */
  readonly p: number;
  readonly permutations: number;
}

/** Paired randomisation test (Fisher 1935; Smucker, Allan and Carterette 2007 for retrieval): were the labels A and B
 *  of each cluster of queries exchangeable, how often would the mean difference be at least as large as seen?
 *  `p = (1 + count) / (1 + permutations)`, so it is never 0. Queries of one cluster (target) change sign together.
 *  Two equal runs give difference 0 and p 1.
 *  @param a, b values of the same queries in the same order; `weights` what each counts for, 1 by default.
 *  @throws {EvaluationError} no queries, or columns of different lengths. */
export function pairedRandomisationTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  clusters: readonly (string | number)[],
  options: { readonly random: Random; readonly permutations?: number; readonly weights?: ArrayLike<number> },
): PairedTest {
  const { random, permutations = 10_000, weights } = options;
  const ones = weights ?? new Float64Array(clusters.length).fill(1);
  const column = Float64Array.from(a, (value, i) => (ones[i] ?? 0) * ((b[i] ?? 0) - value));
  const { sums } = groupRows(clusters, [column, ones]);
  const total = (sums[1] ?? new Float64Array()).reduce((sum, weight) => sum + weight, 0);
  const differences = (sums[0] ?? new Float64Array()).filter(Boolean);
  const difference = differences.reduce((sum, value) => sum + value, 0) / total;
  return { difference, p: signFlipP(differences, { random, permutations }), permutations };
}

/** Two-sided p of the sum of what each unit brings, were its sign a coin's: `(1 + count) / (1 + permutations)`; 1 where
 *  nothing differs. */
export function signFlipP(
  parts: Float64Array,
  { random, permutations }: { readonly random: Random; readonly permutations: number },
): number {
  const moved = parts.filter(Boolean);
  const observed = moved.reduce((sum, value) => sum + value, 0);
  // Sums of the same terms in another order of signs differ in their last bits: those are ties, and count.
  const threshold = Math.abs(observed) - 1e-9 * moved.reduce((sum, value) => sum + Math.abs(value), 0);
  let atLeast = 0;
  for (let t = 0; t < permutations; t++) {
    let sum = 0;
    for (let i = 0; i < moved.length; i++) {
      sum += random.uniform() < 0.5 ? (moved[i] as number) : -(moved[i] as number);
    }
    if (Math.abs(sum) >= threshold) atLeast++;
  }
  return (1 + atLeast) / (1 + permutations);
}

/** Holm's step-down correction (Holm 1979): p-values adjusted for the number of tests, family-wise error kept at any
 *  dependence. `adjusted_(i) = max_{j ≤ i} min(1, (m − j + 1) · p_(j))`. Order of input kept; none gives none. */
export function holmCorrection(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((x, y) => x.p - y.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let highest = 0;
  for (const [place, { p, index }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (pValues.length - place) * p));
    adjusted[index] = highest;
  }
  return adjusted;
}
