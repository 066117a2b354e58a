import { LineChart } from '@mantine/charts';
import type { EvaluationRow } from './evaluation-queries';
import { cellOf } from './matrix-data';

type TrendChartProps = { rows: readonly EvaluationRow[]; style: string; metric: string };

const COLOURS = ['var(--accent)', 'orange.7', 'teal.6', 'grape.6', 'pink.6', 'cyan.7'] as const;

/** The figures of one style over dataset versions, a line for each query encoder: of several evaluations of one on a version
 *  the latest. Intervals stand in the table below.
 *  @param rows in the order of versions, then of time. */
export function TrendChart({ rows, style, metric }: TrendChartProps) {
  const points = rows.flatMap((row) => {
    const cell = cellOf(row, style, metric);
    return cell === null ? [] : [{ row, percent: Math.round(1000 * cell.value) / 10 }];
  });
  if (points.length < 2) return null;
  const encoders = [...new Set(points.map(({ row }) => row.encoder))];
  const versions = new Map<string, Record<string, string | number>>();
  for (const { row, percent } of points) {
    const version = `${row.datasetName} v${row.versionNumber}`;
    const place = versions.get(version) ?? { version };
    // By number: a name with a dot in it would be read as a path.
    versions.set(version, { ...place, [`encoder ${encoders.indexOf(row.encoder)}`]: percent });
  }
  return (
    <div role="img" aria-label={points.map(({ row, percent }) => `${row.name}: ${percent} %`).join('; ')}>
      <LineChart
        h={240}
        mt="md"
        data={[...versions.values()]}
        dataKey="version"
        series={encoders.map((label, i) => ({
          name: `encoder ${i}`,
          label,
          color: COLOURS[i % COLOURS.length] ?? COLOURS[0],
        }))}
        curveType="linear"
        connectNulls
        strokeWidth={1.5}
        withLegend
        legendProps={{ verticalAlign: 'bottom', height: 30 }}
        yAxisProps={{ domain: [0, 100], width: 54 }}
        valueFormatter={(value) => `${value} %`}
        lineChartProps={{ accessibilityLayer: false }}
        lineProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
