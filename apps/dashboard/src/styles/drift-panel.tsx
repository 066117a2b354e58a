import { BarChart } from '@mantine/charts';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { ChartDownloads } from '../ui/chart-downloads';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount, formatDate } from '../ui/format';
import { svgOf } from '../ui/svg-of';
import { driftQuery, type StyleCluster } from './style-queries';
import classes from './styles.module.css';

const DAYS = 30;
const OUTSIDE_KEY = 'outside';

type DriftPanelProps = { spaceId: string; clusters: readonly StyleCluster[]; isChosen: boolean };

/** Styles that people searched with, day by day: counts and distances, no pictures. */
export function DriftPanel({ spaceId, clusters, isChosen }: DriftPanelProps) {
  const drift = useQuery(driftQuery(spaceId, DAYS));
  const chart = useRef<HTMLDivElement>(null);
  if (drift.error) return <ErrorPanel title="The drift could not be read" error={drift.error} />;
  if (drift.isPending) return <Skeleton height={260} mt={16} />;
  const rows = drift.data;
  const days = [...new Set(rows.map(({ day }) => day))];
  const groups = [
    ...clusters.map(({ key, name, colour }) => ({ key, name, colour })),
    { key: OUTSIDE_KEY, name: 'outside every known style', colour: 'var(--fg-dim)' },
  ];
  const keyOf = (key: string | null | undefined) =>
    key === null || key === undefined || !clusters.some((one) => one.key === key) ? OUTSIDE_KEY : key;
  const of = (day: string, key: string) =>
    rows.filter((row) => row.day === day && keyOf(row.clusterKey) === key);
  const countOf = (day: string, key: string) => of(day, key).reduce((sum, { count }) => sum + count, 0);
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  const outside = days.reduce((sum, day) => sum + countOf(day, OUTSIDE_KEY), 0);
  return (
    <section className={classes.section} aria-label="Drift">
      <h2 className={classes.heading}>What people search with</h2>
      {total === 0 ? (
        <p className={classes.sentence}>
          {isChosen
            ? 'No picture was searched with yet. Each one is counted here by the cluster it is nearest to; no picture is kept.'
            : 'Searches are told by another space, so nothing is counted here. Choose this one to begin.'}
        </p>
      ) : (
        <>
          <p className={classes.sentence}>
            {formatCount(total)} query pictures in {DAYS} days, {formatCount(outside)} of them outside every
            known style.
          </p>
          <div
            ref={chart}
            role="img"
            aria-label="Query pictures by day and cluster; the table has every figure"
          >
            <BarChart
              h={240}
              type="stacked"
              data={days.map((day) => ({
                day: formatDate(day),
                ...Object.fromEntries(groups.map(({ key }) => [key, countOf(day, key)])),
              }))}
              dataKey="day"
              series={groups.map(({ key, name, colour }) => ({ name: key, label: name, color: colour }))}
              withLegend
              maxBarWidth={26}
              barChartProps={{ accessibilityLayer: false }}
              barProps={{ isAnimationActive: false }}
            />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <section className={classes.wide} tabIndex={0} aria-label="Drift as a table">
            <table className={classes.table}>
              <thead>
                <tr>
                  {['Day', 'Cluster', 'Query pictures', 'Mean cosine to the centre'].map((head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map(({ day, clusterKey, count, meanCosine }) => (
                  <tr key={`${day} ${clusterKey}`}>
                    <th scope="row">{formatDate(day)}</th>
                    <td>{groups.find(({ key }) => key === keyOf(clusterKey))?.name}</td>
                    <td>{formatCount(count)}</td>
                    <td>{meanCosine.toFixed(3)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <ChartDownloads
            name="drift"
            svg={() => svgOf(chart.current)}
            rows={() => [
              ['day', 'cluster', 'query_pictures', 'mean_cosine'],
              ...rows.map(({ day, clusterKey, count, meanCosine }) => [
                day.slice(0, 10),
                groups.find(({ key }) => key === keyOf(clusterKey))?.name ?? '',
                count,
                meanCosine,
              ]),
            ]}
          />
        </>
      )}
    </section>
  );
}
