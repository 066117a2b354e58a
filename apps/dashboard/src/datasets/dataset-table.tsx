'use client';

import Link from 'next/link';
import { formatCount, formatDate } from '../ui/format';
import type { DatasetRow } from './dataset-queries';
import classes from './datasets.module.css';

const STRIP_LENGTH = 6;
const SKELETON_ROWS = 3;

/** Datasets as rows: a strip of photos, then the figures. */
export function DatasetTable({ rows }: { rows: readonly DatasetRow[] }) {
  return (
    <table className={classes.table}>
      <Head />
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className={classes.row}>
            <th scope="row" className={classes.name}>
              <Link href={`/datasets/${encodeURIComponent(row.id)}`}>{row.name}</Link>
              {row.description && <span className={classes.description}>{row.description}</span>}
            </th>
            <td className={classes.stripCell}>
              <span className={classes.strip}>
                {row.images.edges.map(({ node }) => (
                  <img key={node.id} src={node.thumbnailUrl} alt="" loading="lazy" />
                ))}
              </span>
            </td>
            <Figure label="photos" value={formatCount(row.imageCount)} />
            <Figure
              label="indexed"
              value={formatCount(row.indexedCount)}
              dim={row.indexedCount === row.imageCount}
            />
            <Figure label="rejected" value={formatCount(row.rejectedCount)} dim={row.rejectedCount === 0} />
            <td className={classes.date}>{formatDate(row.createdAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The table's shape while it loads. */
export function DatasetTableSkeleton() {
  return (
    <table className={classes.table} aria-busy aria-label="Loading datasets">
      <Head />
      <tbody>
        {Array.from({ length: SKELETON_ROWS }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
          <tr key={row} className={classes.row} aria-hidden>
            <th scope="row" className={classes.name}>
              <span className={classes.blank} />
            </th>
            <td className={classes.stripCell}>
              <span className={classes.strip}>
                {Array.from({ length: STRIP_LENGTH }, (_, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
                  <span key={place} />
                ))}
              </span>
            </td>
            <td className={classes.figure} colSpan={4} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Sample</th>
        <th scope="col" className={classes.figure}>
          Photos
        </th>
        <th scope="col" className={classes.figure}>
          Indexed
        </th>
        <th scope="col" className={classes.figure}>
          Rejected
        </th>
        <th scope="col" className={classes.date}>
          Since
        </th>
      </tr>
    </thead>
  );
}

function Figure({ label, value, dim = false }: { label: string; value: string; dim?: boolean }) {
  return (
    <td className={classes.figure} data-dim={dim || undefined}>
      {value} <span className={classes.figureLabel}>{label}</span>
    </td>
  );
}
