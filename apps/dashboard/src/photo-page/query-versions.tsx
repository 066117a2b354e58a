import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { type StyleMaker, styleMakersQuery } from '../query-styles/style-queries';
import { versionWord } from '../query-styles/style-words';
import { styleLabel } from '../search/part-look';
import { formatPlural } from '../ui/format';
import classes from './photo-page.module.css';
import type { PhotoRecord, PhotoVersion } from './photo-queries';

type QueryVersionsProps = { datasetId: string; queries: PhotoRecord['queries'] };

/** The queries that mean this photo, grouped by style: pictures with what made them, and words. */
export function QueryVersions({ datasetId, queries }: QueryVersionsProps) {
  const { data: makers } = useQuery(styleMakersQuery());
  const groups = byStyle(queries.edges.map(({ node }) => node));
  const hidden = queries.totalCount - queries.edges.length;
  return (
    <section className={classes.versions} aria-label="Query versions">
      <h2 className={classes.versionsHeading}>
        Query versions{' '}
        <span className={classes.dim}>{formatPlural(queries.totalCount, 'query', 'queries')}</span>
      </h2>
      {groups.length === 0 && (
        <p className={classes.fact}>
          None yet. Sketches, paintings and small pictures of it show here once they are imported or{' '}
          <Link href={`/datasets/${encodeURIComponent(datasetId)}?tab=query-styles`}>made from it</Link>.
        </p>
      )}
      <div className={classes.groups}>
        {groups.map(([style, versions]) => (
          <div key={style} className={classes.group}>
            <h3 className={classes.groupName}>
              {styleLabel(style)} <span className={classes.dim}>{versions.length}</span>
            </h3>
            <ul className={classes.versionList}>
              {versions.map((version) => (
                <Version key={version.id} version={version} makers={makers ?? []} />
              ))}
            </ul>
          </div>
        ))}
      </div>
      {hidden > 0 && (
        <p className={classes.fact}>And {formatPlural(hidden, 'more query', 'more queries')}.</p>
      )}
    </section>
  );
}

function byStyle(versions: readonly PhotoVersion[]): [style: string, versions: PhotoVersion[]][] {
  const groups = new Map<string, PhotoVersion[]>();
  for (const version of versions) groups.set(version.style, [...(groups.get(version.style) ?? []), version]);
  return [...groups];
}

function Version({ version, makers }: { version: PhotoVersion; makers: readonly StyleMaker[] }) {
  const { style, text, thumbnailUrl, fileUrl } = version;
  const words = describe(version, makers);
  if (!thumbnailUrl) return <li className={classes.words}>“{text}”</li>;
  return (
    <li className={classes.version}>
      <a href={fileUrl ?? thumbnailUrl} target="_blank" rel="noreferrer" title="Full size">
        <img src={thumbnailUrl} alt={`${styleLabel(style)}, ${words}`} loading="lazy" />
        <span className={classes.versionWords}>{words}</span>
      </a>
    </li>
  );
}

function describe(
  { origin, maker, strength, fileName }: PhotoVersion,
  makers: readonly StyleMaker[],
): string {
  if (origin === 'BROUGHT') return fileName ? `imported, ${fileName.split('/').at(-1)}` : 'imported';
  return maker ? versionWord({ maker, strength: strength ?? null }, makers) : 'made here';
}
