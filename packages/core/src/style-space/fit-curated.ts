import { assignPictures, type CuratedCluster, type CuratedStyles } from './curated-styles.js';
import { type FeatureMatrix, featureRow, toUnitLength } from './feature-matrix.js';
import { kMeans } from './kmeans.js';
import { StyleSpaceError } from './style-space-error.js';

/** Colours that are told apart in light and dark, and by those who see few: after Okabe and Ito 2008, deepened. */
export const CLUSTER_COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#8a7d00',
  '#7b61c9',
  '#b3425a',
  '#4f8a8b',
  '#9a6b3f',
  '#6b7280',
] as const;

export const clusterColour = (index: number): string =>
  CLUSTER_COLOURS[index % CLUSTER_COLOURS.length] ?? CLUSTER_COLOURS[0];

/** Share of the pictures that counts as known. */
const KNOWN_SHARE = 0.99;

export interface FitCuratedOptions {
  readonly k: number;
  readonly seed: number;
  /** The real style of each picture, where it is known: clusters are named after the commonest; nothing else. */
  readonly styles: readonly (string | null)[];
}

/** Clusters of unit style features by K-Means, the largest first. The same seed gives the same clusters.
 *  @throws {StyleSpaceError} K above the number of pictures that differ. */
export function fitCurated(features: FeatureMatrix, { k, seed, styles }: FitCuratedOptions): CuratedStyles {
  if (k > features.rows) {
    throw new StyleSpaceError(
      'STYLE_K_INVALID',
      `A style space of ${k} clusters needs at least ${k} pictures, got ${features.rows}.`,
    );
  }
  const found = kMeans(features, k, { seed });
  const sizes = Array.from({ length: k }, (_, c) =>
    found.labels.reduce((sum, one) => sum + (one === c ? 1 : 0), 0),
  );
  const order = sizes.map((_, c) => c).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  const place = new Int32Array(k);
  for (const [to, from] of order.entries()) place[from] = to;
  const labels = found.labels.map((label) => place[label] ?? 0);
  const names = commonestNames(labels, styles, k);
  const clusters = order.map(
    (from, to): CuratedCluster => ({
      key: `c${to + 1}`,
      name: names[to] ?? `style ${to + 1}`,
      colour: clusterColour(to),
      centre: toUnitLength(featureRow(found.centroids, from).slice()),
      pinned: [],
    }),
  );
  const held = new Uint8Array(features.rows);
  const assigned = assignPictures(features, clusters, labels, held);
  return { clusters, ...assigned, held, knownCosine: knownCosineOf(assigned.cosines), nextKey: k + 1 };
}

/** The cosine that all but one in a hundred of the pictures reach. */
function knownCosineOf(cosines: Float32Array): number {
  const sorted = cosines.slice().sort();
  return sorted[Math.floor((1 - KNOWN_SHARE) * sorted.length)] ?? -1;
}

/** Each cluster by the commonest style in it: `sketch`, `art`, `art 2`; `style 3` where no style is known. */
export function commonestNames(labels: Int32Array, styles: readonly (string | null)[], k: number): string[] {
  const counts = Array.from({ length: k }, () => new Map<string, number>());
  for (const [row, style] of styles.entries()) {
    const of = counts[labels[row] ?? -1];
    if (style !== null && of !== undefined) of.set(style, (of.get(style) ?? 0) + 1);
  }
  const taken = new Map<string, number>();
  return counts.map((of, index) => {
    const [best] = [...of].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
    if (best === undefined) return `style ${index + 1}`;
    const times = (taken.get(best) ?? 0) + 1;
    taken.set(best, times);
    return times === 1 ? best : `${best} ${times}`;
  });
}
