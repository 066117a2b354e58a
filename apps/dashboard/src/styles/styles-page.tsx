'use client';

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount, formatDate, formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { BuildProgress } from './build-progress';
import { NewStyleSpace } from './new-style-space';
import { type StyleSpaceListed, styleSpacesQuery } from './style-queries';
import classes from './styles.module.css';

/** All style spaces, each by its clusters' pictures. */
export function StylesPage() {
  const spaces = useQuery(styleSpacesQuery());
  const rows = spaces.data?.rows;
  return (
    <>
      <PageHeader
        title="Styles"
        state={
          rows &&
          rows.length > 0 &&
          `${formatPlural(spaces.data?.total ?? 0, 'style space')} · clusters of how pictures are drawn, whatever is on them`
        }
        action={rows && rows.length > 0 && <NewStyleSpace />}
      />
      {spaces.error ? (
        <ErrorPanel
          title="The style spaces could not be read"
          error={spaces.error}
          onRetry={() => void spaces.refetch()}
        />
      ) : !rows ? (
        <div className={classes.cards}>
          <Skeleton height={210} />
          <Skeleton height={210} />
        </div>
      ) : rows.length === 0 ? (
        <EmptyPanel title="No style space yet" action={<NewStyleSpace isOnlyAction />}>
          A style space sorts pictures by how they are drawn: photographs, line drawings, paintings, blurred
          copies. You can see it as a map, give its clusters names, and a query encoder can be trained on it.
        </EmptyPanel>
      ) : (
        <ul className={classes.cards}>
          {rows.map((row) => (
            <li key={row.id}>
              <SpaceCard space={row} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function SpaceCard({ space }: { space: StyleSpaceListed }) {
  const {
    id,
    name,
    datasetName,
    datasetVersion,
    state,
    pictureCount,
    newestVersion,
    isChosen,
    createdAt,
    version,
  } = space;
  return (
    <article className={classes.card}>
      <h2 className={classes.cardName}>
        <Link href={`/styles/${encodeURIComponent(id)}`}>{name}</Link>
        {isChosen && <span className={classes.badge}>tells searches</span>}
      </h2>
      <p className={classes.dim}>
        {datasetName} v{datasetVersion} ·{' '}
        {state === 'READY'
          ? `${formatCount(pictureCount)} pictures · ${formatPlural(version?.clusters.length ?? 0, 'cluster')} · version ${newestVersion}`
          : formatDate(createdAt)}
      </p>
      {state === 'READY' ? (
        <ul className={classes.cardClusters}>
          {version?.clusters.slice(0, 6).map(({ key, name: cluster, colour, count, pictures }) => (
            <li key={key}>
              <span className={classes.strip}>
                {pictures.map(({ index, thumbnailUrl }) => (
                  <img key={index} src={thumbnailUrl} alt="" loading="lazy" />
                ))}
              </span>
              <span className={classes.swatch} style={{ background: colour }} aria-hidden /> {cluster}{' '}
              <span className={classes.dim}>{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <BuildProgress space={space} />
      )}
    </article>
  );
}
