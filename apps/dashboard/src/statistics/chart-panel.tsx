'use client';

import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { formatCount, formatShare } from '../ui/format';
import classes from './statistics.module.css';

export type ChartRow = { readonly key: string; readonly label: string; readonly count: number };

type ChartPanelProps = {
  title: string;
  /** What is counted: "photos". */
  unit: string;
  /** What a row is: "Class". */
  rowName: string;
  rows: readonly ChartRow[];
  note?: string;
  isWide?: boolean;
  children: ReactNode;
};

/** A chart and the same figures as a table, one at a time. */
export function ChartPanel({ title, unit, rowName, rows, note, isWide = false, children }: ChartPanelProps) {
  const [view, setView] = useState<string>('chart');
  const id = useId();
  return (
    <section className={classes.panel} data-wide={isWide || undefined} aria-labelledby={id}>
      <header className={classes.head}>
        <h2 className={classes.heading} id={id}>
          {title}
        </h2>
        <SegmentedControl
          size="xs"
          aria-label={`${title}: chart or table`}
          value={view}
          onChange={setView}
          data={[
            { value: 'chart', label: 'Chart' },
            { value: 'table', label: 'Table' },
          ]}
        />
      </header>
      {note && <p className={classes.note}>{note}</p>}
      {rows.length === 0 ? (
        <p className={classes.note}>Nothing to show.</p>
      ) : view === 'chart' ? (
        children
      ) : (
        <FigureTable title={title} unit={unit} rowName={rowName} rows={rows} />
      )}
    </section>
  );
}

function FigureTable({
  title,
  unit,
  rowName,
  rows,
}: Pick<ChartPanelProps, 'title' | 'unit' | 'rowName' | 'rows'>) {
  const sum = rows.reduce((total, { count }) => total + count, 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.tableBox} tabIndex={0} aria-label={`${title} as a table`}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{rowName}</th>
            <th scope="col">{unit.charAt(0).toUpperCase() + unit.slice(1)}</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, label, count }) => (
            <tr key={key}>
              <th scope="row">{label}</th>
              <td>{formatCount(count)}</td>
              <td>{sum > 0 ? formatShare(count / sum) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
