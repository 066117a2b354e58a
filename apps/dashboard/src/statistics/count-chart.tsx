'use client';

import { BarChart } from '@mantine/charts';
import { formatCount, formatPlural } from '../ui/format';
import { axisWidth } from './axis-width';
import { ChartPanel } from './chart-panel';
import classes from './statistics.module.css';

type CountChartProps = {
  title: string;
  unit: string;
  counts: readonly { readonly value: string; readonly count: number }[];
  label: (value: string) => string;
  /** Filters by the value that was clicked; the filter beside the charts does the same by keyboard. */
  onPick: (value: string) => void;
  isWide?: boolean;
};

/** Bars that still can be told apart; the table has them all. */
const MOST_BARS = 24;
const BAR_HEIGHT = 26;
const LONGEST_LABEL = 18;

/** How many photos each value has, largest first, as lying bars. */
export function CountChart({ title, unit, counts, label, onPick, isWide = false }: CountChartProps) {
  const rows = counts
    .map(({ value, count }) => ({ key: value, label: label(value), count }))
    .sort((one, other) => other.count - one.count);
  const shown = rows.slice(0, MOST_BARS);
  const note =
    rows.length > MOST_BARS
      ? `The ${MOST_BARS} largest of ${formatCount(rows.length)}; the table has all.`
      : undefined;
  const longest = Math.max(0, ...shown.map((row) => shorten(row.label).length));
  return (
    <ChartPanel title={title} unit={unit} rowName={title} rows={rows} note={note} isWide={isWide}>
      <div className={classes.chart} role="img" aria-label={inWords(rows)}>
        <BarChart
          h={shown.length * BAR_HEIGHT + 8}
          data={shown.map((row) => ({ ...row, name: shorten(row.label) }))}
          dataKey="name"
          orientation="vertical"
          series={[{ name: 'count', label: unit, color: 'var(--accent)' }]}
          gridAxis="none"
          withXAxis={false}
          tickLine="none"
          yAxisProps={{ width: axisWidth(longest), interval: 0, tickMargin: 6 }}
          xAxisProps={{ type: 'number', domain: [0, 'dataMax'] }}
          maxBarWidth={15}
          withBarValueLabel
          valueFormatter={formatCount}
          valueLabelProps={{ position: 'right', fill: 'var(--fg-dim)', fontSize: 12 }}
          barChartProps={{ accessibilityLayer: false, margin: { right: 56 } }}
          barProps={{
            radius: [0, 3, 3, 0],
            cursor: 'pointer',
            isAnimationActive: false,
            onClick: (_bar: unknown, place: number) => {
              const row = shown[place];
              if (row) onPick(row.key);
            },
          }}
        />
      </div>
    </ChartPanel>
  );
}

const shorten = (text: string) =>
  text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;

/** The gist of the chart for those who do not see it; the table has every figure. */
function inWords(rows: readonly { label: string; count: number }[]): string {
  const first = rows.slice(0, 3).map(({ label, count }) => `${label} ${formatCount(count)}`);
  return `${formatPlural(rows.length, 'value')}; the largest: ${first.join(', ')}`;
}
