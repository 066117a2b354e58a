'use client';

import { Button, Select, Skeleton, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { evaluationsQuery } from './evaluation-queries';
import classes from './evaluations.module.css';
import { Matrix } from './matrix';
import { MatrixDownloads } from './matrix-downloads';
import { NewEvaluation } from './new-evaluation';
import { Trend } from './trend';
import { METRICS, useView } from './use-view';

/** The matrix of all evaluations first: rows are evaluations, columns styles. */
export function EvaluationsPage() {
  const evaluations = useQuery(evaluationsQuery());
  const view = useView();
  const metric = view.get('metric') ?? 'hit@1';
  const level = view.get('level') === 'CLASS' ? 'CLASS' : 'PHOTO';
  const withPaper = view.get('paper') === '1';
  const chosen = view.all('run');
  const rows = evaluations.data?.rows;
  const finished = rows?.filter(({ finishedAt }) => finishedAt !== null) ?? [];
  return (
    <>
      <PageHeader
        title="Evaluations"
        state={
          rows &&
          rows.length > 0 &&
          `${formatPlural(evaluations.data?.total ?? 0, 'evaluation')} · full gallery, 95 % intervals over targets`
        }
        action={rows && rows.length > 0 && <NewEvaluation />}
      />
      {evaluations.error ? (
        <ErrorPanel
          title="The evaluations could not be read"
          error={evaluations.error}
          onRetry={() => void evaluations.refetch()}
        />
      ) : !rows ? (
        <Skeleton height={280} mt={16} />
      ) : rows.length === 0 ? (
        <EmptyPanel title="No evaluation yet" action={<NewEvaluation isOnlyAction />}>
          An evaluation asks every query of a dataset of its whole gallery and says how often the right photo
          comes first, by style, with intervals. Two of them can be compared, down to the single query.
        </EmptyPanel>
      ) : (
        <>
          <div className={classes.filters}>
            <Select
              label="Metric"
              data={METRICS}
              value={metric}
              allowDeselect={false}
              onChange={(value) => view.set('metric', value)}
              w={190}
            />
            <Select
              label="Level"
              data={[
                { value: 'PHOTO', label: 'One photo is meant' },
                { value: 'CLASS', label: 'Any photo of the class' },
              ]}
              value={level}
              allowDeselect={false}
              onChange={(value) => view.set('level', value)}
              w={190}
            />
            <Switch
              label="Published table (in-batch 24, not comparable)"
              checked={withPaper}
              onChange={({ currentTarget }) => view.set('paper', currentTarget.checked ? '1' : null)}
            />
            <Button
              component={Link}
              variant="default"
              href={`/evaluations/compare?${new URLSearchParams(chosen.map((id) => ['run', id]))}`}
              disabled={chosen.length < 2}
              aria-disabled={chosen.length < 2}
            >
              Compare {chosen.length > 0 ? chosen.length : ''} marked
            </Button>
          </div>
          <Matrix
            rows={rows}
            metric={metric}
            level={level}
            withPaper={withPaper}
            chosen={chosen}
            onToggle={(id) => view.toggle('run', id)}
          />
          <MatrixDownloads rows={finished} metric={metric} level={level} />
          <Trend rows={finished} metric={metric} level={level} view={view} />
        </>
      )}
    </>
  );
}
