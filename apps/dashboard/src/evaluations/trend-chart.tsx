import { LineChart } from '@mantine/charts';
import type { EvaluationRow } from './evaluation-queries';
import { cellOf } from './matrix-data';
import { metricName } from './use-view';

type TrendChartProps = { rows: readonly EvaluationRow[]; style: string; metric: string };

/** The figures of one style in the order of dataset versions and days: a line for each query encoder, its interval's ends
 *  dashed. The table below says the same. */
export function TrendChart({ rows, style, metric }: TrendChartProps) {
  const points = rows.flatMap((row) => {
    const cell = cellOf(row, style, metric);
    if (cell === null) return [];
    const percent = (share: number) => Math.round(1000 * share) / 10;
    return [
      {
        name: row.name,
        value: percent(cell.value),
        low: percent(cell.low),
        high: percent(cell.high),
      },
    ];
  });
  if (points.length < 2) return null;
  return (
    <div role="img" aria-label={points.map(({ name, value }) => `${name}: ${value} %`).join('; ')}>
      <LineChart
        h={220}
        mt="md"
        data={points}
        dataKey="name"
        series={[
          { name: 'high', label: 'upper end, 95 %', color: 'var(--fg-dim)', strokeDasharray: '3 3' },
          { name: 'value', label: `${metricName(metric)}, %`, color: 'var(--accent)' },
          { name: 'low', label: 'lower end, 95 %', color: 'var(--fg-dim)', strokeDasharray: '3 3' },
        ]}
        curveType="linear"
        strokeWidth={1.5}
        yAxisProps={{ domain: [0, 100], width: 40 }}
        xAxisProps={{ tickFormatter: shorten }}
        valueFormatter={(value) => `${value} %`}
        lineChartProps={{ accessibilityLayer: false }}
        lineProps={{ isAnimationActive: false }}
      />
    </div>
  );
}

const LONGEST_LABEL = 22;
const shorten = (name: string): string =>
  name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
