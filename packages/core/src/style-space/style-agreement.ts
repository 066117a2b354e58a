import { type ClusterAgreement, clusterAgreement } from './cluster-agreement.js';
import { featureMatrix } from './feature-matrix.js';
import { kMeans, nearestCentroid } from './kmeans.js';
import { projectStyle, type StyleSpace } from './style-space.js';

/** How well clusters found without labels stand for the real styles. */
export interface StyleAgreement {
  /** The style space: transform, reduction, clusters. */
  readonly space: ClusterAgreement;
  /** The same number of clusters on the plain normalised Gram features, without reduction. */
  readonly baseline: ClusterAgreement;
  /** Pictures by cluster and real style: `table[cluster][style]`. */
  readonly table: readonly Readonly<Record<string, number>>[];
  /** Share of pictures inside the known styles. */
  readonly known: number;
}

/** Judges a style space on pictures that it was not fitted on.
 *  @param fitted Gram features that the space was fitted on; the baseline is fitted on them too.
 *  @param held Gram features to judge, with the real style of each. */
export function styleAgreement(
  space: StyleSpace,
  fitted: readonly Float32Array[],
  held: readonly Float32Array[],
  styles: readonly string[],
  seed = 0,
): StyleAgreement {
  const projections = held.map((feature) => projectStyle(space, feature));
  const clusters = projections.map(({ cluster }) => cluster);
  const plain = kMeans(featureMatrix(fitted), space.centres.rows, { seed });
  const baseline = held.map((feature) => nearestCentroid(plain.centroids, feature).cluster);
  const table = space.names.map((_, cluster) => {
    const counts: Record<string, number> = {};
    for (const [row, style] of styles.entries()) {
      if (clusters[row] === cluster) counts[style] = (counts[style] ?? 0) + 1;
    }
    return counts;
  });
  return {
    space: clusterAgreement(clusters, styles),
    baseline: clusterAgreement(baseline, styles),
    table,
    known: projections.filter(({ known }) => known).length / held.length,
  };
}

/** Names each cluster after the style that most of its pictures are in; a second cluster of a style gets a number. */
export function nameClusters(
  space: StyleSpace,
  features: readonly Float32Array[],
  styles: readonly string[],
): StyleSpace {
  const counts = space.names.map(() => new Map<string, number>());
  for (const [row, feature] of features.entries()) {
    const of = counts[projectStyle(space, feature).cluster];
    const style = styles[row];
    if (of !== undefined && style !== undefined) of.set(style, (of.get(style) ?? 0) + 1);
  }
  const used = new Map<string, number>();
  const names = counts.map((of, cluster) => {
    const [style] = [...of].sort((a, b) => b[1] - a[1])[0] ?? [`style ${cluster + 1}`];
    const times = (used.get(style) ?? 0) + 1;
    used.set(style, times);
    return times === 1 ? style : `${style} ${times}`;
  });
  return { ...space, names };
}
