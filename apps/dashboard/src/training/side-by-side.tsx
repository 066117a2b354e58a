import { useQueries } from '@tanstack/react-query';
import { isActive } from '../jobs/job-queries';
import { WideTable } from '../ui/wide-table';
import { CurveChart } from './curve-chart';
import { methodLabel } from './method-words';
import classes from './training.module.css';
import { seriesQuery, type TrainingRow } from './training-queries';

/** Marked runs: what differs in their settings, and their curves in one picture. */
export function SideBySide({ rows }: { rows: readonly TrainingRow[] }) {
  const curves = useQueries({
    queries: rows.map(({ id, job }) => seriesQuery(id, Boolean(job && isActive(job)))),
  });
  if (rows.length < 2) return null;
  const names = distinct(rows.map(({ name }) => name));
  const lines = (series: string) =>
    curves.flatMap(({ data }, i) => {
      const found = data?.series.find(({ name }) => name === series);
      return found ? [{ name: names[i] ?? '', points: found.points }] : [];
    });
  const differing = differences(rows);
  return (
    <section className={classes.section} aria-label="Side by side">
      <h2 className={classes.heading}>Side by side</h2>
      <WideTable label="What differs in their settings">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differing.length === 0 && (
            <tr>
              <td colSpan={rows.length + 1} className={classes.dim}>
                Their settings are the same.
              </td>
            </tr>
          )}
          {differing.map(({ setting, values }) => (
            <tr key={setting}>
              <th scope="row">{setting}</th>
              {values.map((value, i) => (
                <td key={names[i]}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </WideTable>
      <div className={classes.charts}>
        <CurveChart title="Mean hit@1" unit="share" lines={lines('mean hit@1')} />
        <CurveChart title="Loss" unit="loss" lines={lines('loss')} />
      </div>
    </section>
  );
}

function distinct(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

function differences(rows: readonly TrainingRow[]) {
  const settingsOf = (row: TrainingRow): Record<string, string> => {
    const { method, ...settings } = (row.settings ?? {}) as Record<string, unknown>;
    void method;
    return {
      method: methodLabel(row.method),
      backbone: row.backbone.name,
      data: `${row.datasetName} v${row.versionNumber}`,
      'style space': row.styleSpace ?? 'of the product',
      ...Object.fromEntries(
        Object.entries(settings).map(([name, value]) => [name, String(value ?? 'of the method')]),
      ),
    };
  };
  const all = rows.map(settingsOf);
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return names
    .map((setting) => ({ setting, values: all.map((one) => one[setting] ?? '–') }))
    .filter(({ values }) => new Set(values).size > 1);
}
