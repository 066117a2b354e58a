import { createRandom } from '../random.js';
import { differenceInterval, type Estimate } from './estimates.js';
import { signFlipP } from './paired-test.js';
import { studentTwoSided } from './student.js';
import { groupRows } from './units.js';

/** The same queries of one section in two runs: a column of values for each training seed of a side. */
export interface PairedSection {
  readonly clusters: readonly string[];
  /** What each query counts for. */
  readonly weights: readonly number[];
  readonly a: readonly (readonly number[])[];
  readonly b: readonly (readonly number[])[];
}

export interface PairedDifference extends Estimate {
  /** Two-sided. */
  readonly p: number;
  /** `permutation`: sign flips of whole targets, for one run a side; `seeds`: Student's t with the spread between
   *  training seeds as a level of its own. */
  readonly test: 'permutation' | 'seeds';
  /** No query differs in any seed. */
  readonly identical: boolean;
}

export interface DifferenceOptions {
  readonly seed: string;
  readonly permutations: number;
  /** Whether a side was trained, so that another seed would have given another one. */
  readonly trained: readonly [boolean, boolean];
}

/** Mean of B − A over the queries of a section; over several sections, the mean of their differences, each counted once.
 *  Units (targets) are shared by sections: one photo's sketch and painting are one witness. With several seeds a side
 *  the variance is that between units plus that between seeds (`s²/S` of each side), with Satterthwaite's degrees of
 *  freedom; a trained side of one seed borrows the spread of the other side, and where neither has more than one the
 *  test speaks of these very two runs alone.
 *  @param sections at least one, each with at least one query. */
export function pairedDifference(
  sections: readonly PairedSection[],
  { seed, permutations, trained }: DifferenceOptions,
): PairedDifference {
  const { parts, influence, value } = byUnit(sections);
  const units = parts.length;
  const ofUnits = units < 2 ? 0 : (units / (units - 1)) * influence.reduce((sum, one) => sum + one * one, 0);
  const ofSeeds = seedVariance(sections, trained);
  const identical = sections.every(({ a, b }) =>
    [...a, ...b].every((column) => column.every((one, row) => one === a[0]?.[row])),
  );
  if (ofSeeds === null) {
    const estimate = differenceInterval(value, ofUnits, units);
    const p = signFlipP(parts, { random: createRandom(seed), permutations });
    return { ...estimate, p, test: 'permutation', identical };
  }
  const variance = ofUnits + ofSeeds.variance;
  const df = satterthwaite([ofUnits, ofSeeds.variance], [units - 1, ofSeeds.df]);
  const estimate = differenceInterval(value, variance, units, df);
  const p = variance === 0 ? 1 : studentTwoSided(value / Math.sqrt(variance), df);
  return { ...estimate, p, test: 'seeds', identical };
}

/** What each unit brings to the difference (`parts`, they add up to it), and how far it pulls it from its mean. */
function byUnit(sections: readonly PairedSection[]) {
  const clusters = sections.flatMap((section) => section.clusters);
  const units = new Map<string, number>();
  for (const cluster of clusters) if (!units.has(cluster)) units.set(cluster, units.size);
  const parts = new Float64Array(units.size);
  const influence = new Float64Array(units.size);
  let value = 0;
  for (const section of sections) {
    const differences = section.weights.map(
      (weight, row) => weight * (meanAt(section.b, row) - meanAt(section.a, row)),
    );
    const names = [...new Set(section.clusters)];
    const { sums } = groupRows(section.clusters, [differences, section.weights]);
    const [difference, size] = [sums[0] ?? [], sums[1] ?? []].map((column) => Float64Array.from(column));
    const total = size?.reduce((sum, one) => sum + one, 0) ?? 1;
    const mean = (difference?.reduce((sum, one) => sum + one, 0) ?? 0) / total;
    value += mean / sections.length;
    for (const [at, name] of names.entries()) {
      const unit = units.get(name) ?? 0;
      const own = difference?.[at] ?? 0;
      parts[unit] = (parts[unit] ?? 0) + own / total / sections.length;
      influence[unit] = (influence[unit] ?? 0) + (own - mean * (size?.[at] ?? 0)) / total / sections.length;
    }
  }
  return { parts, influence, value };
}

const meanAt = (columns: readonly (readonly number[])[], row: number): number =>
  columns.reduce((sum, column) => sum + (column[row] ?? 0), 0) / columns.length;

/** Variance that training seeds bring to the difference; null where it cannot be known. */
function seedVariance(
  sections: readonly PairedSection[],
  trained: readonly [boolean, boolean],
): { readonly variance: number; readonly df: number } | null {
  const sides = (['a', 'b'] as const).map((side, i) => {
    const seeds = sections[0]?.[side].length ?? 1;
    const means = Array.from({ length: seeds }, (_, s) => meanOverSections(sections, side, s));
    const mean = means.reduce((sum, one) => sum + one, 0) / seeds;
    const square = means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, seeds - 1);
    return { seeds, square, trained: trained[i] === true };
  });
  const several = sides.filter(({ seeds }) => seeds > 1);
  if (several.length === 0) return null;
  const pooled = several.reduce((sum, { square }) => sum + square, 0) / several.length;
  const shares = sides.map(({ seeds, square, trained: own }) =>
    seeds > 1 ? square / seeds : own ? pooled : 0,
  );
  const variance = shares.reduce((sum, share) => sum + share, 0);
  const degrees = sides.map(({ seeds }) => (seeds > 1 ? seeds - 1 : (several[0]?.seeds ?? 2) - 1));
  return { variance, df: satterthwaite(shares, degrees) };
}

function meanOverSections(sections: readonly PairedSection[], side: 'a' | 'b', seed: number): number {
  const means = sections.map((section) => {
    const column = section[side][seed] ?? [];
    const total = section.weights.reduce((sum, weight) => sum + weight, 0);
    return column.reduce((sum, one, row) => sum + one * (section.weights[row] ?? 0), 0) / total;
  });
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
}

/** Degrees of freedom of a sum of independent variances (Satterthwaite 1946). */
function satterthwaite(variances: readonly number[], degrees: readonly number[]): number {
  const total = variances.reduce((sum, one) => sum + one, 0);
  const below = variances.reduce((sum, one, i) => sum + (one * one) / Math.max(1, degrees[i] ?? 1), 0);
  return below === 0 ? Math.max(1, ...degrees) : (total * total) / below;
}
