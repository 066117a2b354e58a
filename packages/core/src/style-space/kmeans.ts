import { createRandom, type Random } from '../random.js';
import { type FeatureMatrix, featureRow, squaredDistance } from './feature-matrix.js';
import { StyleSpaceError } from './style-space-error.js';

/** A clustering: `centroids` is `[k, columns]`, `labels` has the cluster of each row, `inertia` the sum of squared distances. */
export interface KMeans {
  readonly centroids: FeatureMatrix;
  readonly labels: Int32Array;
  readonly inertia: number;
}

export interface KMeansOptions {
  readonly seed?: number | string;
  /** Independent starts; the one of least inertia is kept. */
  readonly restarts?: number;
  readonly maxIterations?: number;
}

/** K-Means (Lloyd 1982) from k-means++ starts (Arthur and Vassilvitskii 2007), the best of several restarts.
 *  A cluster that loses all its rows is started again at the row that lies farthest from its centroid.
 *  The same seed gives the same result.
 *  @throws {StyleSpaceError} k below 1, or above the number of different rows: some cluster would have to be empty. */
export function kMeans(features: FeatureMatrix, k: number, options: KMeansOptions = {}): KMeans {
  const { seed = 0, restarts = 10, maxIterations = 100 } = options;
  if (!Number.isInteger(k) || k < 1 || k > features.rows) {
    throw new StyleSpaceError(
      'STYLE_K_INVALID',
      `K-Means: ${k} clusters were asked for from ${features.rows} pictures; expected a whole number from 1 to ${features.rows}.`,
    );
  }
  let best: KMeans | undefined;
  for (let start = 0; start < Math.max(1, restarts); start++) {
    const random = createRandom(`kmeans ${seed} ${start}`);
    const found = lloyd(features, startingCentroids(features, k, random), maxIterations);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  if (best === undefined) throw new RangeError('At least one start is always made.');
  return best;
}

/** Index of the nearest centroid and the squared distance to it; the first one of equals. */
export function nearestCentroid(
  centroids: FeatureMatrix,
  row: Float32Array,
): { cluster: number; distance: number } {
  let cluster = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (let c = 0; c < centroids.rows; c++) {
    const d = squaredDistance(featureRow(centroids, c), row);
    if (d < distance) {
      distance = d;
      cluster = c;
    }
  }
  return { cluster, distance };
}

/** k-means++: each next centroid is a row drawn with probability proportional to its squared distance to the nearest. */
function startingCentroids(features: FeatureMatrix, k: number, random: Random): FeatureMatrix {
  const data = new Float32Array(k * features.columns);
  data.set(featureRow(features, random.integer(features.rows)));
  const nearest = new Float64Array(features.rows).fill(Number.POSITIVE_INFINITY);
  for (let c = 1; c < k; c++) {
    const last = data.subarray((c - 1) * features.columns, c * features.columns);
    for (let r = 0; r < features.rows; r++) {
      nearest[r] = Math.min(nearest[r] as number, squaredDistance(featureRow(features, r), last));
    }
    data.set(featureRow(features, drawProportional(nearest, random, k)), c * features.columns);
  }
  return { data, rows: k, columns: features.columns };
}

function drawProportional(weights: Float64Array, random: Random, k: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) {
    throw new StyleSpaceError(
      'STYLE_K_INVALID',
      `K-Means: ${k} clusters were asked for, but fewer pictures than that differ in style.`,
    );
  }
  let left = random.uniform() * total;
  for (let r = 0; r < weights.length; r++) {
    left -= weights[r] as number;
    if (left < 0) return r;
  }
  // Rounding may leave a crumb: the last row that has any weight.
  return weights.findLastIndex((weight) => weight > 0);
}

function lloyd(features: FeatureMatrix, start: FeatureMatrix, maxIterations: number): KMeans {
  const centroids = start;
  const labels = new Int32Array(features.rows).fill(-1);
  const distances = new Float64Array(features.rows);
  for (let i = 0; i < maxIterations; i++) {
    const moved = assign(features, centroids, labels, distances);
    if (moved === 0) break;
    updateCentroids(features, centroids, labels, distances);
  }
  assign(features, centroids, labels, distances);
  return { centroids, labels, inertia: distances.reduce((sum, distance) => sum + distance, 0) };
}

function assign(
  features: FeatureMatrix,
  centroids: FeatureMatrix,
  labels: Int32Array,
  distances: Float64Array,
): number {
  let moved = 0;
  for (let r = 0; r < features.rows; r++) {
    const { cluster, distance } = nearestCentroid(centroids, featureRow(features, r));
    if (labels[r] !== cluster) moved++;
    labels[r] = cluster;
    distances[r] = distance;
  }
  return moved;
}

function updateCentroids(
  features: FeatureMatrix,
  centroids: FeatureMatrix,
  labels: Int32Array,
  distances: Float64Array,
): void {
  const { columns } = features;
  const counts = new Int32Array(centroids.rows);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  for (let c = 0; c < counts.length; c++) {
    if (counts[c] !== 0) continue;
    const farthest = distances.reduce(
      (best, d, r) =>
        d > (distances[best] as number) && (counts[labels[r] as number] as number) > 1 ? r : best,
      0,
    );
    counts[labels[farthest] as number] = (counts[labels[farthest] as number] as number) - 1;
    labels[farthest] = c;
    distances[farthest] = 0;
    counts[c] = 1;
  }
  const sums = new Float64Array(centroids.data.length);
  for (let r = 0; r < features.rows; r++) {
    const to = (labels[r] as number) * columns;
    const from = r * columns;
    for (let i = 0; i < columns; i++)
      sums[to + i] = (sums[to + i] as number) + (features.data[from + i] as number);
  }
  for (let at = 0; at < sums.length; at++) {
    centroids.data[at] = (sums[at] as number) / (counts[Math.floor(at / columns)] as number);
  }
}
