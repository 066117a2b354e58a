import { StyleSpaceError } from './style-space-error.js';

/** How two labellings of the same items agree. */
export interface ClusterAgreement {
  /** Share of items whose cluster's commonest truth is their own. Rises with the number of clusters by itself. */
  readonly purity: number;
  /** Normalised mutual information, arithmetic mean of the entropies below (scikit-learn's default), in [0, 1]. */
  readonly nmi: number;
  /** Adjusted Rand index (Hubert and Arabie 1985): 1 for equal partitions, 0 on average for random ones. */
  readonly adjustedRand: number;
}

/** Compares clusters with the truth (or with other clusters).
 *  @throws {StyleSpaceError} no items, or two lengths. */
export function clusterAgreement(
  clusters: ArrayLike<number | string>,
  truth: ArrayLike<number | string>,
): ClusterAgreement {
  const n = clusters.length;
  if (n === 0 || truth.length !== n) {
    throw new StyleSpaceError(
      'STYLE_LABELS_INVALID',
      `Expected two labellings of the same items, got ${n} and ${truth.length}.`,
    );
  }
  const joint = new Map<number | string, Map<number | string, number>>();
  const truthSizes = new Map<number | string, number>();
  for (let i = 0; i < n; i++) {
    const cluster = clusters[i] as number | string;
    const label = truth[i] as number | string;
    const row = joint.get(cluster) ?? new Map<number | string, number>();
    joint.set(cluster, row.set(label, (row.get(label) ?? 0) + 1));
    truthSizes.set(label, (truthSizes.get(label) ?? 0) + 1);
  }
  const clusterSizes = [...joint.values()].map((row) =>
    [...row.values()].reduce((sum, count) => sum + count, 0),
  );
  const purity = [...joint.values()].reduce((sum, row) => sum + Math.max(...row.values()), 0) / n;
  return {
    purity,
    nmi: normalisedMutualInformation(joint, clusterSizes, truthSizes, n),
    adjustedRand: adjustedRandIndex(joint, clusterSizes, [...truthSizes.values()], n),
  };
}

type Joint = ReadonlyMap<number | string, ReadonlyMap<number | string, number>>;

function normalisedMutualInformation(
  joint: Joint,
  clusterSizes: number[],
  truthSizes: ReadonlyMap<number | string, number>,
  n: number,
): number {
  const entropy = (sizes: number[]) => sizes.reduce((sum, size) => sum - (size / n) * Math.log(size / n), 0);
  const mean = (entropy(clusterSizes) + entropy([...truthSizes.values()])) / 2;
  // Both labellings have one group: they agree, and there is nothing to be informed about.
  if (mean === 0) return 1;
  let information = 0;
  for (const [c, row] of [...joint.values()].entries()) {
    for (const [label, count] of row) {
      information +=
        (count / n) *
        Math.log((count * n) / ((clusterSizes[c] as number) * (truthSizes.get(label) as number)));
    }
  }
  return Math.max(0, Math.min(1, information / mean));
}

function adjustedRandIndex(joint: Joint, clusterSizes: number[], truthSizes: number[], n: number): number {
  const pairs = (count: number) => (count * (count - 1)) / 2;
  const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + pairs(count), 0);
  const together = [...joint.values()].reduce((total, row) => total + sum(row.values()), 0);
  const [byCluster, byTruth] = [sum(clusterSizes), sum(truthSizes)];
  const expected = n > 1 ? (byCluster * byTruth) / pairs(n) : 0;
  const largest = (byCluster + byTruth) / 2;
  return largest === expected ? 1 : (together - expected) / (largest - expected);
}
