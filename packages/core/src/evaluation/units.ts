import { EvaluationError } from './embedding-matrix.js';

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
