import { createRandom, type Random } from '../random.js';
import { clusterAgreement } from './cluster-agreement.js';
import { type FeatureMatrix, featureRow, pickFeatureRows, squaredDistance } from './feature-matrix.js';
import { kMeans, nearestCentroid } from './kmeans.js';
import { StyleSpaceError } from './style-space-error.js';

/** How well one number of clusters suits the data. */
export interface ClusterCountScore {
  readonly k: number;
  /** Mean silhouette, in [-1, 1]: how much nearer a picture is to its own cluster than to the next. */
  readonly silhouette: number;
  /** Mean adjusted Rand index between clusterings of two random halves, judged on all pictures: 1 = always the same. */
  readonly stability: number;
}

export interface SuggestOptions {
  readonly from?: number;
  readonly to?: number;
  readonly seed?: number;
  /** Pairs of halves compared for stability. */
  readonly splits?: number;
}

/** The silhouette compares every pair: beyond this many pictures a random sample of them is used. */
const SILHOUETTE_SAMPLE = 800;

/** Scores each number of clusters and suggests the one of highest silhouette × stability: clusters should be apart, and
 *  the same ones should be found again in other pictures of the same kind.
 *  @throws {StyleSpaceError} when there are too few pictures for the largest k in halves. */
export function suggestClusterCount(
  features: FeatureMatrix,
  options: SuggestOptions = {},
): { readonly k: number; readonly scores: readonly ClusterCountScore[] } {
  const { from = 2, to = 8, seed = 0, splits = 6 } = options;
  if (from < 2 || to < from || features.rows < 2 * to) {
    throw new StyleSpaceError(
      'STYLE_K_INVALID',
      `Suggesting K from ${from} to ${to} needs 2 ≤ from ≤ to and at least ${2 * to} pictures, got ${features.rows}.`,
    );
  }
  const random = createRandom(`suggest ${seed}`);
  const sample = sampleRows(features, SILHOUETTE_SAMPLE, random.fork('sample'));
  const scores = Array.from({ length: to - from + 1 }, (_, i): ClusterCountScore => {
    const k = from + i;
    const { labels } = kMeans(sample, k, { seed, restarts: 5 });
    return {
      k,
      silhouette: meanSilhouette(sample, labels, k),
      stability: meanStability(features, k, splits, random.fork(`stability ${k}`)),
    };
  });
  const best = scores.reduce((a, b) => (b.silhouette * b.stability > a.silhouette * a.stability ? b : a));
  return { k: best.k, scores };
}

/** Mean silhouette (Rousseeuw 1987) with Euclidean distances: `(b − a) / max(a, b)`, a the mean distance to the others of
 *  the own cluster, b the least mean distance to another cluster; 0 for a picture alone in its cluster. */
export function meanSilhouette(features: FeatureMatrix, labels: Int32Array, k: number): number {
  const sizes = new Int32Array(k);
  for (const label of labels) sizes[label] = (sizes[label] as number) + 1;
  let total = 0;
  for (let i = 0; i < features.rows; i++) {
    const sums = new Float64Array(k);
    const row = featureRow(features, i);
    for (let j = 0; j < features.rows; j++) {
      const label = labels[j] as number;
      sums[label] = (sums[label] as number) + Math.sqrt(squaredDistance(row, featureRow(features, j)));
    }
    const own = labels[i] as number;
    if ((sizes[own] as number) < 2) continue;
    const inside = (sums[own] as number) / ((sizes[own] as number) - 1);
    let outside = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      if (c !== own && (sizes[c] as number) > 0)
        outside = Math.min(outside, (sums[c] as number) / (sizes[c] as number));
    }
    const larger = Math.max(inside, outside);
    if (larger > 0 && outside !== Number.POSITIVE_INFINITY) total += (outside - inside) / larger;
  }
  return total / features.rows;
}

function meanStability(features: FeatureMatrix, k: number, splits: number, random: Random): number {
  let total = 0;
  for (let s = 0; s < splits; s++) {
    const order = random.shuffle([...Array(features.rows).keys()]);
    const half = Math.floor(order.length / 2);
    const [a, b] = [order.slice(0, half), order.slice(half)].map((rows, side) => {
      const { centroids } = kMeans(pickFeatureRows(features, rows), k, { seed: `${s} ${side}`, restarts: 3 });
      return Array.from(
        { length: features.rows },
        (_, row) => nearestCentroid(centroids, featureRow(features, row)).cluster,
      );
    });
    total += clusterAgreement(a ?? [], b ?? []).adjustedRand;
  }
  return total / splits;
}

function sampleRows(features: FeatureMatrix, count: number, random: Random): FeatureMatrix {
  if (features.rows <= count) return features;
  return pickFeatureRows(features, random.shuffle([...Array(features.rows).keys()]).slice(0, count));
}
