'use client';

import { Badge, Button, Checkbox, Progress, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useView } from '../evaluations/use-view';
import { STATE_WORDS } from '../jobs/job-words';
import { modelHref } from '../models/model-words';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatDateTime, formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { WideTable } from '../ui/wide-table';
import { methodLabel } from './method-words';
import { NewTraining } from './new-training';
import { SideBySide } from './side-by-side';
import classes from './training.module.css';
import { type TrainingRow, trainingsQuery } from './training-queries';

const percent = (share: number | null | undefined) =>
  typeof share === 'number' ? (100 * share).toFixed(1) : '–';

/** Every training: how far it is, what came of it; marked ones side by side. */
export function TrainingsPage() {
  const trainings = useQuery(trainingsQuery());
  const view = useView();
  const chosen = view.all('run');
  const rows = trainings.data?.rows;
  const busy = rows?.filter(({ job }) => job?.state === 'RUNNING').length ?? 0;
  const toggle = (id: string) =>
    view.set('run', chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const begin = (
    <Button
      leftSection={<IconPlus size={17} stroke={1.6} aria-hidden />}
      onClick={() => view.set('new', '1')}
    >
      New training
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Training"
        state={
          rows &&
          rows.length > 0 &&
          `${formatPlural(trainings.data?.total ?? 0, 'run')}${busy > 0 ? ` · ${busy} at work` : ''}`
        }
        action={rows && rows.length > 0 && begin}
      />
      <NewTraining opened={view.get('new') === '1'} onClose={() => view.set('new', null)} />
      {trainings.error ? (
        <ErrorPanel
          title="The trainings could not be read"
          error={trainings.error}
          onRetry={() => void trainings.refetch()}
        />
      ) : !rows ? (
        <Skeleton height={240} mt={16} />
      ) : rows.length === 0 ? (
        <EmptyPanel
          title="No training yet"
          action={
            <Button onClick={() => view.set('new', '1')}>Train a query encoder in about two minutes</Button>
          }
        >
          A training teaches the query side to find your photos from sketches, paintings and poor copies. The
          gallery stays as it is, so what comes of it is promoted in a second, or not at all.
        </EmptyPanel>
      ) : (
        <>
          <WideTable label="Trainings">
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Method</th>
                <th scope="col">Data</th>
                <th scope="col">Progress</th>
                <th scope="col">
                  Mean hit@1
                  <br />
                  <small>before → best</small>
                </th>
                <th scope="col">Encoder</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <th scope="row">
                    <Checkbox
                      size="xs"
                      checked={chosen.includes(row.id)}
                      onChange={() => toggle(row.id)}
                      aria-label={`Mark ${row.name} to compare`}
                      styles={{ root: { float: 'left', marginRight: 8, marginTop: 2 } }}
                    />
                    <Link className={classes.name} href={`/training/${encodeURIComponent(row.id)}`}>
                      {row.name}
                    </Link>
                    <br />
                    <span className={classes.dim}>{formatDateTime(row.createdAt)}</span>
                  </th>
                  <td>{methodLabel(row.method)}</td>
                  <td>
                    {row.datasetName} v{row.versionNumber}
                  </td>
                  <td>
                    <RowProgress row={row} />
                  </td>
                  <td>
                    {percent(row.startScore)} → {percent(row.bestScore)}
                  </td>
                  <td>
                    {row.model ? (
                      <>
                        <Link href={modelHref(row.model.id)}>its card</Link>{' '}
                        {row.model.isLive && (
                          <Badge size="sm" tt="none" variant="default" c="var(--good)">
                            live
                          </Badge>
                        )}
                      </>
                    ) : (
                      '–'
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </WideTable>
          <SideBySide rows={rows.filter(({ id }) => chosen.includes(id))} />
        </>
      )}
    </>
  );
}

function RowProgress({ row: { step, steps, job, finishedAt } }: { row: TrainingRow }) {
  const words = finishedAt ? 'Done' : job ? STATE_WORDS[job.state] : 'Waiting';
  return (
    <div className={classes.rowProgress}>
      <Progress
        size="sm"
        value={(100 * step) / Math.max(1, steps)}
        aria-label={`${step} of ${steps} steps`}
      />
      <span className={classes.dim}>
        {words} · {step} of {steps} steps
      </span>
    </div>
  );
}
