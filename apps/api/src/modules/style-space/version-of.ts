import type { CuratedStyles } from '@freestyle/core/style-space';
import type { NewCluster, NewVersion } from './content-repository.js';

/** A version as the database keeps it, from a space at work. @param pictures one for each row, in order. */
export function newVersionOf(
  styles: CuratedStyles,
  pictures: readonly { readonly style: string | null }[],
  version: Pick<NewVersion, 'number' | 'parent' | 'edits' | 'effect' | 'madeBy'>,
): NewVersion {
  const { labels, cosines, held, nextKey } = styles;
  return { ...version, nextKey, labels, cosines, held, clusters: clusterFigures(styles, pictures) };
}

/** Each cluster with its figures: how many pictures, of which styles, how near, how many outside every known style. */
export function clusterFigures(
  { clusters, labels, cosines, knownCosine }: CuratedStyles,
  pictures: readonly { readonly style: string | null }[],
): NewCluster[] {
  const figures = clusters.map(() => ({ count: 0, outside: 0, sum: 0, styles: new Map<string, number>() }));
  for (const [row, { style }] of pictures.entries()) {
    const own = figures[labels[row] ?? -1];
    if (own === undefined) continue;
    const cosine = cosines[row] ?? 0;
    own.count++;
    own.sum += cosine;
    if (cosine < knownCosine) own.outside++;
    if (style !== null) own.styles.set(style, (own.styles.get(style) ?? 0) + 1);
  }
  return clusters.map(({ key, name, colour, centre, pinned }, index) => {
    const { count = 0, outside = 0, sum = 0, styles = new Map<string, number>() } = figures[index] ?? {};
    const meanCosine = count === 0 ? 0 : sum / count;
    const sorted = [...styles].sort((a, b) => b[1] - a[1]);
    return {
      key,
      name,
      colour,
      centre,
      pinned,
      count,
      outside,
      meanCosine,
      styles: Object.fromEntries(sorted),
    };
  });
}
