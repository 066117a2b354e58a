import Link from 'next/link';
import { formatShare } from '../ui/format';
import classes from './seen-panel.module.css';
import type { SearchPage } from './use-search-results';

type Clusters = NonNullable<NonNullable<SearchPage['parts'][number]['style']>['clusters']>;

/** Where a picture lies among the clusters that curators look after, with the pictures that are drawn most alike. */
export function SeenClusters({
  clusters: { styleSpace, weights, nearest, isOutside },
}: {
  clusters: Clusters;
}) {
  const shown = [...weights].sort((a, b) => b.weight - a.weight).filter(({ weight }) => weight >= 0.01);
  return (
    <section className={classes.clusters} aria-label={`Among the clusters of ${styleSpace.name}`}>
      <p className={classes.note}>
        Among the clusters of{' '}
        <Link href={`/styles/${encodeURIComponent(styleSpace.id)}`}>{styleSpace.name}</Link>
      </p>
      {isOutside && <p className={classes.unknown}>Outside every known style of this space.</p>}
      <div className={classes.clusterBar} aria-hidden>
        {shown.map(({ key, colour, weight }) => (
          <span key={key} style={{ flexGrow: weight, background: colour }} />
        ))}
      </div>
      <ul className={classes.clusterNames}>
        {shown.map(({ key, name, colour, weight }) => (
          <li key={key}>
            <span className={classes.swatch} style={{ background: colour }} aria-hidden />
            {name} <span className={classes.note}>{formatShare(weight)}</span>
          </li>
        ))}
      </ul>
      <div
        className={classes.nearest}
        role="img"
        aria-label="The pictures of the space that are drawn most alike"
      >
        {nearest.map(({ index, thumbnailUrl }) => (
          <img key={index} src={thumbnailUrl} alt="" loading="lazy" />
        ))}
      </div>
    </section>
  );
}
