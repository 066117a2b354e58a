'use client';

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { request } from '../api/client';
import { MonitorDocument, type MonitorQuery } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { ForbiddenPanel, isForbidden } from '../ui/forbidden-panel';
import { formatBytes, formatCount, formatDateTime, formatMs, formatPlural, formatShare } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import classes from './monitor.module.css';
import { OperationTable } from './operation-table';

type Report = MonitorQuery['monitor'];

const READ_AGAIN_MS = 5000;

/** What the server measures of itself: how quick it answers, what waits, and what the index misses. */
export function MonitorPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['monitor'],
    queryFn: async ({ signal }) => (await request(MonitorDocument, {}, signal)).monitor,
    refetchInterval: READ_AGAIN_MS,
  });
  if (isForbidden(error)) {
    return (
      <ForbiddenPanel title="Monitor">
        Those who see all datasets see how the server does. Ask an administrator, or go back.
      </ForbiddenPanel>
    );
  }
  return (
    <div className={classes.page}>
      <PageHeader title="Monitor" state={data && sentence(data)} />
      {error ? (
        <ErrorPanel
          title="The server could not be asked how it does"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : !data ? (
        <Skeleton height={320} radius="md" role="status" aria-label="Loading the figures" />
      ) : (
        <>
          <Figures report={data} />
          <section className={classes.section} aria-labelledby="latencies">
            <h2 className={classes.heading} id="latencies">
              How long answers take
            </h2>
            <OperationTable operations={data.operations} />
          </section>
          <Recall recall={data.recall} />
          <p className={classes.foot}>
            Of the process that answered, since {formatDateTime(data.since)}. Prometheus reads{' '}
            <code>/metrics</code>.
          </p>
        </>
      )}
    </div>
  );
}

function sentence({ operations, encoder }: Report): string {
  const search = operations.find(({ field }) => field === 'search');
  const busy = `the encoder is busy ${formatShare(encoder.busyShare)} of the time`;
  return search?.p50Ms && search.p95Ms
    ? `Half of the searches take ${formatMs(search.p50Ms)} or less, 95 of 100 ${formatMs(search.p95Ms)} · ${busy}`
    : `No search yet · ${busy}`;
}

function Figures({ report }: { report: Report }) {
  const { encoder, jobs, photosWithoutVector, memoryBytes } = report;
  const running = sum(jobs, 'RUNNING');
  const queued = sum(jobs, 'QUEUED');
  return (
    <dl className={classes.figures}>
      <Figure name="Waiting for the encoder" value={formatCount(encoder.waiting)} />
      <Figure
        name="Items of a batch"
        value={encoder.meanBatch ? encoder.meanBatch.toFixed(1) : '–'}
        hint={`${formatPlural(encoder.batches, 'batch', 'batches')} so far`}
      />
      <Figure name="Jobs at work" value={formatCount(running)} hint={`${formatCount(queued)} waiting`} />
      <Figure
        name="Photos not found yet"
        value={
          photosWithoutVector === null || photosWithoutVector === undefined
            ? '–'
            : formatCount(photosWithoutVector)
        }
        hint="without a vector of the live model"
        isBad={(photosWithoutVector ?? 0) > 0}
      />
      <Figure name="Memory" value={formatBytes(memoryBytes)} />
    </dl>
  );
}

const sum = (jobs: Report['jobs'], state: string): number =>
  jobs.filter((one) => one.state === state).reduce((total, { count }) => total + count, 0);

type FigureProps = { name: string; value: string; hint?: string; isBad?: boolean };

function Figure({ name, value, hint, isBad = false }: FigureProps) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd data-bad={isBad || undefined}>
        {value}
        {hint && <span>{hint}</span>}
      </dd>
    </div>
  );
}

function Recall({ recall }: { recall: Report['recall'] }) {
  const { samples, mean, least, sampledShare, advice } = recall;
  return (
    <section className={classes.section} aria-labelledby="recall">
      <h2 className={classes.heading} id="recall">
        What the index finds
      </h2>
      <p className={classes.advice}>{advice}</p>
      {mean !== null && mean !== undefined && least !== null && least !== undefined && (
        <dl className={classes.figures}>
          <Figure
            name="Recall of the first ten"
            value={formatShare(mean)}
            hint={formatPlural(samples, 'search', 'searches')}
          />
          <Figure name="The worst of them" value={formatShare(least)} />
          <Figure name="Sampled" value={formatShare(sampledShare)} hint="of all searches" />
        </dl>
      )}
    </section>
  );
}
