'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import type { JobKind } from '../generated/graphql';
import { isActive, recentJobsQuery } from '../jobs/job-queries';
import { formatCount, formatSecondsLeft } from '../ui/format';
import classes from './query-styles.module.css';

/** The newest job of a kind on the dataset, while it runs and if it went wrong; its end has the counts read again. */
export function DatasetJob({ datasetId, kind }: { datasetId: string; kind: JobKind }) {
  const queryClient = useQueryClient();
  const { data: jobs = [] } = useQuery(recentJobsQuery());
  const job = jobs.find((one) => one.kind === kind && one.dataset?.id === datasetId);
  const isBusy = job !== undefined && isActive(job);
  const wasBusy = useRef(false);
  useEffect(() => {
    if (wasBusy.current && !isBusy) void queryClient.invalidateQueries({ queryKey: DATASETS_KEY });
    wasBusy.current = isBusy;
  }, [isBusy, queryClient]);
  if (!job || (!isBusy && job.state !== 'FAILED')) return null;
  const { total, done, secondsLeft, message, state } = job;
  if (state === 'FAILED') {
    return (
      <p className={classes.failure} role="alert">
        {message ?? 'It failed; the list of imports says more.'}
      </p>
    );
  }
  const share = total ? Math.min(1, done / total) : 0;
  const left = secondsLeft == null ? '' : ` · ${formatSecondsLeft(secondsLeft)} left`;
  return (
    <div className={classes.job}>
      <div
        className={classes.jobBar}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p className={classes.note}>
        {total == null ? 'counting…' : `${formatCount(done)} of ${formatCount(total)}${left}`}
      </p>
    </div>
  );
}
