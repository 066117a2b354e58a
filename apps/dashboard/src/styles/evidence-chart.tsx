import { LineChart } from '@mantine/charts';
import { SegmentedControl } from '@mantine/core';
import { useRef, useState } from 'react';
import { ChartDownloads } from '../ui/chart-downloads';
import { svgOf } from '../ui/svg-of';
import type { StyleSpace } from './style-queries';
import classes from './styles.module.css';

type EvidenceProps = { evidence: NonNullable<StyleSpace['evidence']>; clusters: number; name: string };

/** What speaks for each number of clusters: a sentence, the curves, the table. */
export function EvidenceChart({ evidence, clusters, name }: EvidenceProps) {
  const [as, setAs] = useState('chart');
  const chart = useRef<HTMLDivElement>(null);
  const { suggested, counts } = evidence;
  const hasPurity = counts.some(({ purity }) => typeof purity === 'number');
  const series = [
    { name: 'silhouette', label: 'silhouette', color: 'var(--part-0)' },
    { name: 'stability', label: 'stability', color: 'var(--part-1)', strokeDasharray: '6 3' },
    ...(hasPurity
      ? [{ name: 'purity', label: 'purity', color: 'var(--part-2)', strokeDasharray: '2 3' }]
      : []),
  ];
  const best = counts.find(({ k }) => k === suggested);
  return (
    <section className={classes.section} aria-label="How many clusters">
      <div className={classes.columnsHead}>
        <h2 className={classes.heading}>How many clusters</h2>
        <SegmentedControl
          size="xs"
          aria-label="Evidence: chart or table"
          value={as}
          onChange={setAs}
          data={[
            { value: 'chart', label: 'Chart' },
            { value: 'table', label: 'Table' },
          ]}
        />
      </div>
      <p className={classes.sentence}>
        {suggested} clusters have the highest silhouette × stability
        {best ? ` (${best.silhouette.toFixed(2)} × ${best.stability.toFixed(2)})` : ''}; it was built with{' '}
        {clusters}.
      </p>
      {as === 'chart' ? (
        <div
          ref={chart}
          role="img"
          aria-label={`Silhouette, stability and purity for 2 to ${counts.at(-1)?.k} clusters; ${suggested} is suggested`}
        >
          <LineChart
            h={260}
            data={counts.map((one) => ({ ...one, purity: one.purity ?? undefined }))}
            dataKey="k"
            series={series}
            curveType="linear"
            withLegend
            gridAxis="xy"
            yAxisProps={{ domain: [(low: number) => Math.min(0, low), 1], width: 44 }}
            xAxisProps={{
              label: { value: 'clusters (K)', position: 'insideBottom', offset: -2, fontSize: 12 },
              height: 40,
            }}
            referenceLines={[{ x: suggested, label: 'suggested', color: 'var(--fg-dim)' }]}
            valueFormatter={(value) => value.toFixed(3)}
            lineChartProps={{ accessibilityLayer: false }}
            lineProps={{ isAnimationActive: false }}
          />
        </div>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              {['K', 'Silhouette', 'Stability', 'Silhouette × stability', 'Purity'].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map(({ k, silhouette, stability, purity }) => (
              <tr key={k}>
                <th scope="row">
                  {k}
                  {k === suggested ? ' (suggested)' : ''}
                </th>
                <td>{silhouette.toFixed(3)}</td>
                <td>{stability.toFixed(3)}</td>
                <td>{(silhouette * stability).toFixed(3)}</td>
                <td>{typeof purity === 'number' ? purity.toFixed(3) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className={classes.dim}>
        Silhouette: how much nearer a picture is to its own cluster than to the next. Stability: how alike the
        clusters of two random halves are. Purity: the share of pictures that are of the commonest style of
        their cluster; it rises with K by itself and chooses nothing.
      </p>
      <ChartDownloads
        name={`${name} evidence`}
        svg={() => svgOf(chart.current)}
        rows={() => [
          ['k', 'silhouette', 'stability', 'purity'],
          ...counts.map(({ k, silhouette, stability, purity }) => [k, silhouette, stability, purity ?? '']),
        ]}
      />
    </section>
  );
}
