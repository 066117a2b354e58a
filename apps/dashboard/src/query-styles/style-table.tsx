import { styleLabel } from '../search/part-look';
import { formatCount, formatShare } from '../ui/format';
import classes from './query-styles.module.css';
import { Section } from './section';
import type { StyleDataset, StyleMaker } from './style-queries';

type StyleTableProps = { dataset: StyleDataset; makers: readonly StyleMaker[] };

/** Queries by style and by what made them, with the share of photos that have one. */
export function StyleTable({ dataset, makers }: StyleTableProps) {
  const { queryStyles, imageCount, facets } = dataset;
  const total = queryStyles.reduce((sum, { queryCount }) => sum + queryCount, 0);
  const styles = [...new Set(queryStyles.map(({ style }) => style))];
  const photosOf = (style: string) => facets.styles.find(({ value }) => value === style)?.count ?? 0;
  const about =
    total === 0
      ? 'Only plain photos so far. Make queries of them below, or import some.'
      : `${formatCount(total)} queries for ${formatCount(imageCount)} photos.`;
  return (
    <Section title="What there is" about={about}>
      {total > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Style</th>
              <th scope="col" className={classes.figure}>
                Queries
              </th>
              <th scope="col">Photos that have one</th>
            </tr>
          </thead>
          {styles.map((style) => {
            const rows = queryStyles.filter((row) => row.style === style);
            const queries = rows.reduce((sum, { queryCount }) => sum + queryCount, 0);
            return (
              <tbody key={style}>
                <Row
                  name={styleLabel(style)}
                  queries={queries}
                  photos={photosOf(style)}
                  of={imageCount}
                  isHead
                />
                {rows.map(({ maker, queryCount, photoCount }) => (
                  <Row
                    key={maker ?? ''}
                    name={maker ? (makers.find(({ name }) => name === maker)?.title ?? maker) : 'Imported'}
                    queries={queryCount}
                    photos={photoCount}
                    of={imageCount}
                  />
                ))}
              </tbody>
            );
          })}
        </table>
      )}
    </Section>
  );
}

type RowProps = { name: string; queries: number; photos: number; of: number; isHead?: boolean };

function Row({ name, queries, photos, of, isHead = false }: RowProps) {
  const share = of > 0 ? Math.min(1, photos / of) : 0;
  return (
    <tr data-head={isHead || undefined}>
      <th scope="row">{name}</th>
      <td className={classes.figure}>{formatCount(queries)}</td>
      <td>
        {photos === 0 ? (
          <span className={classes.note}>they mean a class, not one photo</span>
        ) : (
          <span className={classes.share}>
            <span className={classes.shareBar} aria-hidden>
              <span style={{ width: `${share * 100}%` }} />
            </span>
            <span>{formatShare(share)}</span>
          </span>
        )}
      </td>
    </tr>
  );
}
