import { Checkbox, VisuallyHidden } from '@mantine/core';
import Link from 'next/link';
import { formatCount, formatShare } from '../ui/format';
import { WideTable } from '../ui/wide-table';
import { DotLine, figureText } from './dot-line';
import type { EvaluationRow } from './evaluation-queries';
import classes from './evaluations.module.css';
import { cellOf, columnsOf, type Level, sectionOf, shortName } from './matrix-data';
import { PUBLISHED } from './published';
import { metricName } from './use-view';

type MatrixProps = {
  rows: readonly EvaluationRow[];
  metric: string;
  level: Level;
  withPaper: boolean;
  chosen: readonly string[];
  onToggle: (id: string) => void;
};

/** Rows are evaluations, columns styles; each cell a dot with its interval on one scale, and the same in figures. */
export function Matrix({ rows, metric, level, withPaper, chosen, onToggle }: MatrixProps) {
  const columns = columnsOf(rows, level);
  if (columns.length === 0 && rows.every(({ finishedAt }) => finishedAt !== null))
    return <p className={classes.dim}>No evaluation has figures at this level.</p>;
  return (
    <WideTable label="Matrix of evaluations by style">
      <VisuallyHidden component="caption">{metricName(metric)}, per cent, with 95 % intervals</VisuallyHidden>
      <thead>
        <tr>
          <th scope="col">Evaluation</th>
          {columns.map((column) => (
            <th key={column} scope="col">
              {shortName(column)}
              <br />
              <small>{metricName(metric)}, 0 to 100 %</small>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <th scope="row">
              <Checkbox
                size="xs"
                checked={chosen.includes(row.id)}
                disabled={row.finishedAt === null}
                onChange={() => onToggle(row.id)}
                aria-label={`Mark ${row.name} to compare`}
                styles={{ root: { float: 'left', marginRight: 8, marginTop: 2 } }}
              />
              <Link className={classes.name} href={`/evaluations/${encodeURIComponent(row.id)}`}>
                {row.name}
              </Link>
              <br />
              <span className={classes.dim}>
                {row.datasetName} v{row.versionNumber}
                {typeof row.gallery === 'number' ? ` · gallery ${formatCount(row.gallery)}` : ''} ·{' '}
                {row.protocol}
              </span>
            </th>
            {row.finishedAt === null ? (
              <td colSpan={Math.max(1, columns.length)}>{progressOf(row)}</td>
            ) : (
              columns.map((column) => <Cell key={column} row={row} column={column} metric={metric} />)
            )}
          </tr>
        ))}
        {withPaper && metric === 'hit@1' && level === 'PHOTO' && <PublishedRows columns={columns} />}
      </tbody>
    </WideTable>
  );
}

function Cell({ row, column, metric }: { row: EvaluationRow; column: string; metric: string }) {
  const cell = cellOf(row, column, metric);
  if (cell === null)
    return <td className={classes.dim}>{sectionOf(row, column) ? 'not at this level' : '–'}</td>;
  return (
    <td>
      <DotLine {...cell} />
      {figureText(cell)}
      <br />
      <span className={classes.dim}>n = {formatCount(cell.queries)}</span>
    </td>
  );
}

/** What the paper prints, under a name that nobody can take for a full-gallery figure. */
function PublishedRows({ columns }: { columns: readonly string[] }) {
  return PUBLISHED.map(({ name, figures }) => (
    <tr key={name}>
      <th scope="row">
        {name}
        <br />
        <span className={classes.dim}>published on DSR · in-batch 24, not comparable</span>
      </th>
      {columns.map((column) => {
        const value = figures[column];
        return (
          <td key={column} className={classes.dim}>
            {value === undefined ? '–' : `${(100 * value).toFixed(1)} in-batch`}
          </td>
        );
      })}
    </tr>
  ));
}

function progressOf({ job }: EvaluationRow): string {
  if (!job) return 'Waiting';
  if (job.state === 'FAILED') return `Failed: ${job.message ?? 'see the job'}`;
  if (job.state === 'CANCELLED') return 'Cancelled; nothing of it is counted';
  if (!job.total) return job.message ?? 'Waiting for its turn';
  return `${formatShare(job.done / job.total)} · ${formatCount(job.done)} of ${formatCount(job.total)} steps`;
}
