import { Checkbox, Pagination } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatPlural } from '../ui/format';
import { picturesQuery, type Standing, type StyleCluster } from './style-queries';
import classes from './styles.module.css';

const PAGE = 25;

type PictureTableProps = {
  standing: Standing;
  clusters: readonly StyleCluster[];
  /** The pictures shown; all of the space where there are none. */
  rows: readonly number[];
  total: number;
  chosen: readonly number[];
  onToggle: (row: number) => void;
};

/** The maps for those who do not use maps: every picture with what is known of it. */
export function PictureTable({ standing, clusters, rows, total, chosen, onToggle }: PictureTableProps) {
  const [page, setPage] = useState(1);
  // What is let go stays in its row, so that it can be taken back; a new choice begins with its first page.
  const [shownOf, setShownOf] = useState(rows);
  const all = shownOf.length === 0;
  const count = all ? total : shownOf.length;
  const from = (page - 1) * PAGE;
  const indexes = all
    ? Array.from({ length: Math.max(0, Math.min(PAGE, total - from)) }, (_, at) => from + at)
    : shownOf.slice(from, from + PAGE);
  const pictures = useQuery(picturesQuery(standing, indexes));
  const nameOf = (key: string | null | undefined) => clusters.find((one) => one.key === key)?.name ?? 'none';
  return (
    <div className={classes.tableTwin}>
      <p className={classes.dim}>
        {all
          ? `All ${formatPlural(total, 'picture')}.`
          : `The ${formatPlural(count, 'picture')} that were chosen. `}
        {!all && (
          <button type="button" className={classes.linkButton} onClick={() => setShownOf([])}>
            Show all
          </button>
        )}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className={classes.wide} tabIndex={0} aria-label="Pictures of the space">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Choose</th>
              <th scope="col">Picture</th>
              <th scope="col">Cluster</th>
              <th scope="col">Style</th>
              <th scope="col">Class</th>
              <th scope="col">Split</th>
              <th scope="col">Cosine</th>
            </tr>
          </thead>
          <tbody>
            {pictures.data?.map((picture) => (
              <tr key={picture.index}>
                <td>
                  <Checkbox
                    size="xs"
                    checked={chosen.includes(picture.index)}
                    onChange={() => onToggle(picture.index)}
                    aria-label={`Choose picture ${picture.index + 1}`}
                  />
                </td>
                <td>
                  <img className={classes.rowPicture} src={picture.thumbnailUrl} alt="" loading="lazy" />
                </td>
                <td>
                  {nameOf(picture.clusterKey)}
                  {picture.isHeld && <span className={classes.dim}> by hand</span>}
                </td>
                <td>{picture.style ?? '–'}</td>
                <td>{picture.class ?? '–'}</td>
                <td>{picture.split ?? '–'}</td>
                <td>
                  {picture.cosine.toFixed(3)}
                  {picture.isOutside && <span className={classes.dim}> outside</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {count > PAGE && (
        <Pagination
          mt="sm"
          size="sm"
          total={Math.ceil(count / PAGE)}
          value={page}
          onChange={setPage}
          getControlProps={(control) => ({ 'aria-label': `${control} page` })}
        />
      )}
    </div>
  );
}
