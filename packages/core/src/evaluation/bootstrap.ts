import type { Random } from '../random.js';
import { EvaluationError } from './embedding-matrix.js';

/** Lower and upper end. */
export type Interval = readonly [number, number];

export interface BootstrapOptions {
  readonly random: Random;
  /** Resamples drawn; 1,000 put the ends of a 95 % interval within about a tenth of its width. */
  readonly resamples?: number;
  /** Share of resampled means inside the interval. */
  readonly confidence?: number;
}

/** Percentile bootstrap intervals of means over queries (Efron 1979), whole clusters drawn with replacement: queries that
 *  share a target rise and fall together, and drawing them one by one would make the interval too narrow.
 *  All columns see the same resamples. A single cluster gives an interval of width 0: too little data to say.
 *  @param columns values of one metric each, one a query.
 *  @param clusters the cluster of each query (its target); pass distinct values for independent queries.
 *  @returns one interval a column, in order.
 *  @throws {EvaluationError} no queries, or columns of different lengths. */
export function bootstrapIntervals(
  columns: readonly ArrayLike<number>[],
  clusters: readonly (string | number)[],
  options: BootstrapOptions,
): Interval[] {
  const { random, resamples = 1000, confidence = 0.95 } = options;
  const groups = groupRows(clusters, columns);
  const means = columns.map(() => new Float64Array(resamples));
  for (let b = 0; b < resamples; b++) {
    let size = 0;
    const sums = new Float64Array(columns.length);
    for (let i = 0; i < groups.sizes.length; i++) {
      const drawn = random.integer(groups.sizes.length);
      size += groups.sizes[drawn] as number;
      for (let c = 0; c < sums.length; c++) {
        sums[c] = (sums[c] as number) + ((groups.sums[c] as Float64Array)[drawn] as number);
      }
    }
    // Clusters differ in size: the mean over queries is a ratio of two sums, both redrawn.
    for (const [c, mean] of means.entries()) mean[b] = (sums[c] as number) / size;
  }
  const tail = (1 - confidence) / 2;
  return means.map((mean) => {
    mean.sort();
    return [quantile(mean, tail), quantile(mean, 1 - tail)];
  });
}

/** Sums of each column by cluster, and cluster sizes, clusters in order of first appearance. */
export function groupRows(
  clusters: readonly (string | number)[],
  columns: readonly ArrayLike<number>[],
): { readonly sizes: Int32Array; readonly sums: readonly Float64Array[] } {
  if (clusters.length === 0) {
    throw new EvaluationError('EVALUATION_EMPTY', 'Expected at least one query, got none.');
  }
  const wrong = columns.find((column) => column.length !== clusters.length);
  if (wrong !== undefined) {
    throw new EvaluationError(
      'EVALUATION_LENGTH_MISMATCH',
      `Expected one value for each of ${clusters.length} queries, got ${wrong.length}.`,
    );
  }
  const places = new Map<string | number, number>();
  for (const cluster of clusters) if (!places.has(cluster)) places.set(cluster, places.size);
  const sizes = new Int32Array(places.size);
  const sums = columns.map(() => new Float64Array(places.size));
  for (const [row, cluster] of clusters.entries()) {
    const place = places.get(cluster) ?? 0;
    sizes[place] = (sizes[place] ?? 0) + 1;
    for (const [c, sum] of sums.entries()) sum[place] = (sum[place] ?? 0) + (columns[c]?.[row] ?? 0);
  }
  return { sizes, sums };
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, numpy's default). */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const at = share * (ascending.length - 1);
  const low = Math.floor(at);
  const below = ascending[low] ?? Number.NaN;
  const above = ascending[Math.min(low + 1, ascending.length - 1)] ?? Number.NaN;
  return below + (at - low) * (above - below);
}
