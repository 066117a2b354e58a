import { dot, type FeatureMatrix, featureRow, toUnitLength } from './feature-matrix.js';

/** One cluster as a curator works on it. */
export interface CuratedCluster {
  /** Stays the same through names, moves and pins; a cluster that a merge or a split makes has a new one. */
  readonly key: string;
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  /** Unit length. */
  readonly centre: Float32Array;
  /** Rows of its pinned exemplars, in order. */
  readonly pinned: readonly number[];
}

/** A style space at work: clusters, and where each picture is. */
export interface CuratedStyles {
  readonly clusters: readonly CuratedCluster[];
  /** Index of each picture's cluster; −1 where it is in none, by hand. */
  readonly labels: Int32Array;
  /** Cosine of each picture to the centre of its cluster; to the nearest one where it is in none. */
  readonly cosines: Float32Array;
  /** 1 where a curator put the picture: it stays there whatever the centres do. */
  readonly held: Uint8Array;
  /** A picture whose best cosine lies below is outside every known style. */
  readonly knownCosine: number;
  /** Number of the next new cluster's key. */
  readonly nextKey: number;
}

/** Index of the centre with the largest cosine, and that cosine; the first of equals. `[-1, -1]` without centres.
 *  @param feature unit length, as the centres. */
export function nearestCentre(
  centres: readonly Float32Array[],
  feature: Float32Array,
): { readonly cluster: number; readonly cosine: number } {
  let cluster = -1;
  let cosine = -1;
  for (const [c, centre] of centres.entries()) {
    const found = dot(centre, feature);
    if (cluster < 0 || found > cosine) {
      cluster = c;
      cosine = found;
    }
  }
  return { cluster, cosine };
}

/** Weights of a style over centres, `softmax_j(cos(g, μ_j) / τ)`: they add up to 1.
 *  @param feature unit length, as the centres. */
export function styleWeights(
  centres: readonly Float32Array[],
  feature: Float32Array,
  temperature: number,
): Float32Array {
  const logits = Float64Array.from(centres, (centre) => dot(centre, feature) / temperature);
  const largest = logits.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const shares = logits.map((value) => Math.exp(value - largest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return Float32Array.from(shares, (share) => share / total);
}

/** Puts every picture that is not held into the cluster of its nearest centre, and measures all of them. */
export function assignPictures(
  features: FeatureMatrix,
  clusters: readonly CuratedCluster[],
  labels: Int32Array,
  held: Uint8Array,
): { readonly labels: Int32Array; readonly cosines: Float32Array } {
  const centres = clusters.map(({ centre }) => centre);
  const next = labels.slice();
  const cosines = new Float32Array(features.rows);
  for (let row = 0; row < features.rows; row++) {
    const feature = featureRow(features, row);
    const nearest = nearestCentre(centres, feature);
    if (held[row] !== 1) next[row] = nearest.cluster;
    const own = centres[next[row] ?? -1];
    cosines[row] = own === undefined ? nearest.cosine : dot(own, feature);
  }
  return { labels: next, cosines };
}

/** What pinned exemplars weigh against all other pictures of their cluster. */
const PINNED_SHARE = 0.5;

/** The centre of a cluster, unit length: the mean of its pictures; with pinned exemplars, half of it is theirs.
 *  Null for a cluster without pictures. */
export function centreOf(
  features: FeatureMatrix,
  rows: readonly number[],
  pinned: readonly number[],
): Float32Array | null {
  const own = meanDirection(features, rows);
  const exemplars = meanDirection(features, pinned);
  if (own === null || exemplars === null) return own ?? exemplars;
  return toUnitLength(own.map((value, i) => value * (1 - PINNED_SHARE) + (exemplars[i] ?? 0) * PINNED_SHARE));
}

function meanDirection(features: FeatureMatrix, rows: readonly number[]): Float32Array | null {
  if (rows.length === 0) return null;
  const sums = new Float64Array(features.columns);
  for (const row of rows) {
    const base = row * features.columns;
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (features.data[base + i] ?? 0);
  }
  return toUnitLength(Float32Array.from(sums, (sum) => sum / rows.length));
}

/** Rows of a cluster. */
export function rowsOf(labels: Int32Array, cluster: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < labels.length; row++) if (labels[row] === cluster) rows.push(row);
  return rows;
}
