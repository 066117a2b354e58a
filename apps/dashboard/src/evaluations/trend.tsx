import { Select } from '@mantine/core';
import { formatDate } from '../ui/format';
import { WideTable } from '../ui/wide-table';
import { DotLine, figureText } from './dot-line';
import type { EvaluationRow } from './evaluation-queries';
import classes from './evaluations.module.css';
import { cellOf, columnsOf, type Level, shortName } from './matrix-data';
import { TrendChart } from './trend-chart';
import { metricName, type useView } from './use-view';

type TrendProps = {
  rows: readonly EvaluationRow[];
  metric: string;
  level: Level;
  view: ReturnType<typeof useView>;
};

/** One style over dataset versions and time: did last week's training help? */
export function Trend({ rows, metric, level, view }: TrendProps) {
  const columns = columnsOf(rows, level);
  const style = columns.find((column) => column === view.get('trend')) ?? columns[0];
  if (rows.length < 2 || style === undefined) return null;
  const ordered = [...rows].sort(
    (a, b) =>
      a.datasetName.localeCompare(b.datasetName) ||
      a.versionNumber - b.versionNumber ||
      a.createdAt.localeCompare(b.createdAt),
  );
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>Over versions and time</h2>
      <div className={classes.filters}>
        <Select
          label="Style"
          data={columns.map((value) => ({ value, label: shortName(value) }))}
          value={style}
          allowDeselect={false}
          onChange={(value) => view.set('trend', value)}
          w={190}
        />
      </div>
      <TrendChart rows={ordered} style={style} metric={metric} />
      <WideTable label="Over versions and time">
        <thead>
          <tr>
            <th scope="col">Data</th>
            <th scope="col">Day</th>
            <th scope="col">Evaluation</th>
            <th scope="col">{metricName(metric)}</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => {
            const cell = cellOf(row, style, metric);
            return (
              <tr key={row.id}>
                <td>
                  {row.datasetName} v{row.versionNumber}
                </td>
                <td>{formatDate(row.createdAt)}</td>
                <td>{row.name}</td>
                <td>
                  {cell ? (
                    <>
                      <DotLine {...cell} />
                      {figureText(cell)}
                    </>
                  ) : (
                    '–'
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </WideTable>
    </section>
  );
}
