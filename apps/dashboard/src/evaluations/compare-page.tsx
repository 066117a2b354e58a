'use client';

import { MultiSelect, Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { WideTable } from '../ui/wide-table';
import { DotLine } from './dot-line';
import { comparisonQuery, evaluationNamesQuery } from './evaluation-queries';
import classes from './evaluations.module.css';
import { Flips } from './flips';
import { METRICS, metricName, useView } from './use-view';

const signed = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`.replace('-', '−');

/** Two evaluations or more: a sentence first, then the picture, then the queries behind it. */
export function ComparePage() {
  const view = useView();
  const runs = view.all('run');
  const metric = view.get('metric') ?? 'hit@1';
  const names = useQuery(evaluationNamesQuery());
  const comparison = useQuery(comparisonQuery(runs, metric));
  return (
    <>
      <PageHeader
        title="Compare evaluations"
        state="Paired query by query, targets are the units, corrected for every question asked"
      />
      <div className={classes.filters}>
        <MultiSelect
          label="Evaluations"
          data={names.data?.map(({ id, name }) => ({ value: id, label: name })) ?? []}
          value={runs}
          onChange={(value) => view.set('run', value)}
          miw={260}
        />
        <Select
          label="Metric"
          data={METRICS}
          value={metric}
          allowDeselect={false}
          onChange={(value) => view.set('metric', value)}
          w={190}
        />
      </div>
      {runs.length < 2 ? (
        <EmptyPanel title="Choose two evaluations">
          They are compared on the queries that both have: by how much one is better, how sure that is, and
          which queries it won and lost.
        </EmptyPanel>
      ) : comparison.error ? (
        <ErrorPanel
          title="These cannot be compared"
          error={comparison.error}
          onRetry={() => void comparison.refetch()}
        />
      ) : comparison.isPending ? (
        <Skeleton height={320} mt={16} />
      ) : (
        <Comparison data={comparison.data} runs={runs} metric={metric} />
      )}
    </>
  );
}

type Data = NonNullable<ReturnType<typeof useComparison>['data']>;
const useComparison = (runs: readonly string[], metric: string) => useQuery(comparisonQuery(runs, metric));

function Comparison({ data, runs, metric }: { data: Data; runs: readonly string[]; metric: string }) {
  const ends = data.comparisons.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]);
  const reach = Math.max(0.05, ...ends);
  return (
    <>
      {data.sentences.map((sentence) => (
        <p key={sentence} className={classes.sentence}>
          {sentence}
        </p>
      ))}
      <WideTable label="Differences">
        <thead>
          <tr>
            <th scope="col">Queries</th>
            <th scope="col">A and B</th>
            <th scope="col">n</th>
            <th scope="col">B − A, {metricName(metric)} [95 %]</th>
            <th scope="col">p (Holm)</th>
            <th scope="col">won / lost</th>
          </tr>
        </thead>
        <tbody>
          {data.comparisons.map((one) => (
            <tr key={`${one.section} ${one.a} ${one.b}`}>
              <th scope="row">{one.section}</th>
              <td>
                {one.a}: {(100 * one.valueA).toFixed(1)}
                <br />
                {one.b}: {(100 * one.valueB).toFixed(1)}
              </td>
              <td>
                {formatCount(one.queries)}
                {one.onlyA + one.onlyB > 0 && (
                  <>
                    <br />
                    <span className={classes.dim}>{one.onlyA + one.onlyB} not in both</span>
                  </>
                )}
              </td>
              <td>
                <DotLine
                  value={one.difference}
                  low={one.low}
                  high={one.high}
                  tooFew={one.tooFew}
                  from={-reach}
                  to={reach}
                />
                {signed(one.difference)} [{signed(one.low)}, {signed(one.high)}]{one.tooFew ? ' too few' : ''}
              </td>
              <td>
                {one.identical || typeof one.pHolm !== 'number'
                  ? 'alike'
                  : `${one.pHolm < 0.0001 ? '< 0.0001' : one.pHolm.toFixed(4)}${one.pHolm < 0.05 ? ' ✱ told apart' : ''}`}
              </td>
              <td>
                {one.won} / {one.lost}
              </td>
            </tr>
          ))}
        </tbody>
      </WideTable>
      {runs.length > 2 && (
        <section className={classes.section}>
          <h2 className={classes.heading}>What can be told apart</h2>
          <ul className={classes.notes}>
            {data.groups.map(({ section, groups }) => (
              <li key={section}>
                {section}: {groups.map(({ names }) => names.join(' = ')).join(' > ')}
              </li>
            ))}
          </ul>
        </section>
      )}
      {data.notes.length > 0 && (
        <ul className={classes.notes}>
          {data.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <Flips
        runs={runs}
        metric={metric}
        sections={[...new Set(data.comparisons.map(({ section }) => section))]}
      />
    </>
  );
}
