import type { CuratedStyles } from '@freestyle/core/style-space';
import type { PictureRow } from './content-repository.js';
import type { SpaceContent } from './space-content.js';

/** A picture as it stands in a version or a draft. */
export interface SpacePicture extends PictureRow {
  /** Key of its cluster; null in none. */
  readonly clusterKey: string | null;
  readonly cosine: number;
  readonly held: boolean;
  readonly pinned: boolean;
  readonly outside: boolean;
}

/** Pictures by their numbers, in the order asked for; what is not there is left out. */
export function picturesOf(
  { pictures }: SpaceContent,
  styles: CuratedStyles,
  rows: readonly number[],
): SpacePicture[] {
  const pinned = new Set(styles.clusters.flatMap((cluster) => cluster.pinned));
  return rows.flatMap((row): SpacePicture[] => {
    const picture = pictures[row];
    if (picture === undefined) return [];
    const cosine = styles.cosines[row] ?? 0;
    return [
      {
        ...picture,
        clusterKey: styles.clusters[styles.labels[row] ?? -1]?.key ?? null,
        cosine,
        held: styles.held[row] === 1,
        pinned: pinned.has(row),
        outside: cosine < styles.knownCosine,
      },
    ];
  });
}

/** Which pictures of a cluster are shown. */
export type Shown = 'exemplars' | 'outliers' | 'all';

/** Numbers of the pictures of a cluster (−1: of none): pinned exemplars and then the nearest first, or the farthest first. */
export function rowsShown(styles: CuratedStyles, cluster: number, shown: Shown, first: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < styles.labels.length; row++) if (styles.labels[row] === cluster) rows.push(row);
  if (shown === 'all') return rows.slice(0, first);
  const pinned = styles.clusters[cluster]?.pinned ?? [];
  const cosine = (row: number) => styles.cosines[row] ?? 0;
  if (shown === 'outliers')
    return rows
      .filter((row) => !pinned.includes(row))
      .sort((a, b) => cosine(a) - cosine(b) || a - b)
      .slice(0, first);
  const rest = rows.filter((row) => !pinned.includes(row)).sort((a, b) => cosine(b) - cosine(a) || a - b);
  return [...pinned, ...rest].slice(0, first);
}
