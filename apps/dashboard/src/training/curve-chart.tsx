'use client';

import { LineChart } from '@mantine/charts';
import { SegmentedControl } from '@mantine/core';
import { useId, useRef, useState } from 'react';
import { ChartDownloads } from '../ui/chart-downloads';
import { svgOf } from '../ui/svg-of';
import { WideTable } from '../ui/wide-table';
import classes from './training.module.css';

export type Line = {
  readonly name: string;
  readonly points: readonly { readonly step: number; readonly value: number }[];
  /** Dashed: styles that training did not see. */
  readonly dashed?: boolean;
};

type CurveChartProps = {
  title: string;
  unit: 'share' | 'loss' | 'images/s';
  lines: readonly Line[];
  note?: string;
};

const COLOURS = [
  'blue.6',
  'orange.7',
  'teal.6',
  'grape.6',
  'pink.6',
  'lime.7',
  'cyan.7',
  'red.6',
  'indigo.4',
  'yellow.8',
];

const formatters: Record<CurveChartProps['unit'], (value: number) => string> = {
  share: (value) => `${(100 * value).toFixed(1)} %`,
  loss: (value) => value.toFixed(3),
  'images/s': (value) => value.toFixed(1),
};

/** Curves over steps as a picture and as a table, one at a time, both to be taken away. */
export function CurveChart({ title, unit, lines, note }: CurveChartProps) {
  const [view, setView] = useState('chart');
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const steps = [...new Set(lines.flatMap(({ points }) => points.map(({ step }) => step)))].sort(
    (a, b) => a - b,
  );
  const rows = steps.map((step) => ({
    step,
    ...Object.fromEntries(
      lines.flatMap(({ name, points }) => {
        const found = points.find((point) => point.step === step);
        return found ? [[name, found.value]] : [];
      }),
    ),
  })) as ({ step: number } & Record<string, number | undefined>)[];
  const format = formatters[unit];
  const file = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <header className={classes.head}>
        <h3 className={classes.chartTitle} id={id}>
          {title}
        </h3>
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
      {note && <p className={classes.dim}>{note}</p>}
      {rows.length === 0 ? (
        <p className={classes.nothing}>No point yet.</p>
      ) : view === 'chart' ? (
        <div ref={box} className={classes.chart} role="img" aria-label={inWords(title, lines, format)}>
          <LineChart
            h={lines.length > 4 ? 270 : 240}
            data={rows}
            dataKey="step"
            series={lines.map(({ name, dashed }, i) => ({
              name,
              color: COLOURS[i % COLOURS.length] ?? 'blue.6',
              ...(dashed && { strokeDasharray: '5 4' }),
            }))}
            curveType="linear"
            connectNulls
            withDots={rows.length < 40}
            dotProps={{ r: 2.5 }}
            withLegend={lines.length > 1}
            legendProps={{ verticalAlign: 'bottom', height: lines.length > 4 ? 54 : 30 }}
            xAxisProps={{ type: 'number', domain: ['dataMin', 'dataMax'], tickCount: 6 }}
            yAxisProps={{ width: 58, domain: unit === 'share' ? [0, 1] : ['auto', 'auto'] }}
            valueFormatter={format}
            lineProps={{ isAnimationActive: false }}
          />
        </div>
      ) : (
        <WideTable label={`${title} as a table`} maxHeight={260}>
          <thead>
            <tr>
              <th scope="col">Step</th>
              {lines.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.step}>
                <th scope="row">{row.step}</th>
                {lines.map(({ name }) => {
                  const value = row[name];
                  return <td key={name}>{value === undefined ? '–' : format(value)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
      {rows.length > 0 && (
        <ChartDownloads
          name={file}
          rows={() => [
            ['step', ...lines.map(({ name }) => name)],
            ...rows.map((row) => [row.step, ...lines.map(({ name }) => row[name] ?? '')]),
          ]}
          {...(view === 'chart' && { svg: () => svgOf(box.current) })}
        />
      )}
    </section>
  );
}

/** The gist for those who do not see it; the table has every figure. */
function inWords(title: string, lines: readonly Line[], format: (value: number) => string): string {
  const told = lines.slice(0, 6).flatMap(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return first && last ? [`${name} from ${format(first.value)} to ${format(last.value)}`] : [];
  });
  return `${title}: ${told.join('; ')}`;
}
