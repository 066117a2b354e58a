'use client';

import { BarChart } from '@mantine/charts';
import { formatCount } from '../ui/format';
import { axisWidth } from './axis-width';
import { ChartPanel } from './chart-panel';
import classes from './statistics.module.css';

type HistogramChartProps = {
  title: string;
  /** Of the values: "px". */
  unit: string;
  /** What is counted: "photos". */
  what: string;
  bins: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  note?: string;
};

const HEIGHT = 220;

/** How often values fall into each span, from the smallest to the largest. */
export function HistogramChart({ title, unit, what, bins, note }: HistogramChartProps) {
  const rows = bins.map(({ from, to, count }) => ({ key: String(from), label: span(from, to), count }));
  const most = rows.reduce((best, row) => (row.count > best.count ? row : best), rows[0] ?? NO_ROW);
  // The axis ends above the highest bar, at a round figure that may have a letter more.
  const topLabel = formatCount(Math.ceil(most.count * 1.5));
  return (
    <ChartPanel title={title} unit={what} rowName={`${title}, ${unit}`} rows={rows} note={note}>
      <div
        className={classes.chart}
        role="img"
        aria-label={`${rows.length} spans; most ${what}, ${formatCount(most.count)}, have ${most.label} ${unit}`}
      >
        <BarChart
          h={HEIGHT}
          data={rows.map(({ label, count }) => ({ label, count }))}
          dataKey="label"
          series={[{ name: 'count', label: what, color: 'var(--accent)' }]}
          tickLine="none"
          gridAxis="x"
          strokeDasharray="2 4"
          yAxisProps={{ width: axisWidth(topLabel.length), allowDecimals: false }}
          xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 14 }}
          valueFormatter={formatCount}
          maxBarWidth={48}
          barChartProps={{ accessibilityLayer: false, margin: { bottom: 2 } }}
          barProps={{ radius: [3, 3, 0, 0], isAnimationActive: false }}
        />
        <p className={classes.axis} aria-hidden>
          {unit}
        </p>
      </div>
    </ChartPanel>
  );
}

const NO_ROW = { key: '', label: '', count: 0 };

/** A bin reaches up to its end without it, and what is counted is whole. */
const span = (from: number, to: number) =>
  to - from <= 1 ? formatCount(from) : `${formatCount(from)}–${formatCount(to - 1)}`;
