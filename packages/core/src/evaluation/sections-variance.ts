import { groupRows } from './units.js';

/** One section: the unit and weight of each query, and a column of values for each training seed. */
export interface SectionColumns {
  readonly clusters: readonly string[];
  readonly weights: readonly number[];
  readonly columns: readonly (readonly number[])[];
}

export interface SectionsVariance {
  readonly value: number;
  /** Of the mean: between units, and with several seeds between these too. */
  readonly variance: number;
  readonly units: number;
  readonly df: number;
}

/** Mean over sections, each counted once, of the mean over queries and seeds, and its variance by linearisation: units
 *  are shared by sections; seeds add `s²/S`. */
export function sectionsVariance(sections: readonly SectionColumns[]): SectionsVariance {
  const units = new Map<string, number>();
  for (const { clusters } of sections)
    for (const cluster of clusters) if (!units.has(cluster)) units.set(cluster, units.size);
  const influence = new Float64Array(units.size);
  const seedMeans: number[] = [];
  let value = 0;
  for (const { clusters, weights, columns } of sections) {
    const seeds = columns.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const weighted = weights.map(
      (weight, row) => (weight * columns.reduce((sum, column) => sum + (column[row] ?? 0), 0)) / seeds,
    );
    const { sums } = groupRows(clusters, [weighted, weights]);
    const mean = weighted.reduce((sum, one) => sum + one, 0) / total;
    value += mean / sections.length;
    for (const [at, name] of [...new Set(clusters)].entries()) {
      const unit = units.get(name) ?? 0;
      const pull = ((sums[0]?.[at] ?? 0) - mean * (sums[1]?.[at] ?? 0)) / total / sections.length;
      influence[unit] = (influence[unit] ?? 0) + pull;
    }
    for (const [s, column] of columns.entries()) {
      const own = column.reduce((sum, one, row) => sum + one * (weights[row] ?? 0), 0) / total;
      seedMeans[s] = (seedMeans[s] ?? 0) + own / sections.length;
    }
  }
  const u = units.size;
  const ofUnits = u < 2 ? 0 : (u / (u - 1)) * influence.reduce((sum, one) => sum + one * one, 0);
  const seeds = seedMeans.length;
  const square = seedMeans.reduce((sum, one) => sum + (one - value) ** 2, 0) / Math.max(1, seeds - 1);
  const ofSeeds = seeds < 2 ? 0 : square / seeds;
  const variance = ofUnits + ofSeeds;
  const below = ofUnits ** 2 / Math.max(1, u - 1) + ofSeeds ** 2 / Math.max(1, seeds - 1);
  return { value, variance, units: u, df: below === 0 ? u - 1 : variance ** 2 / below };
}
