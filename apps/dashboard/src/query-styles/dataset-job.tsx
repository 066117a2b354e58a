'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import type { JobKind } from '../generated/graphql';
import { JobButtons } from '../jobs/job-buttons';
import { isUnfinished, type Job, recentJobsQuery } from '../jobs/job-queries';
import { jobShare, outcomeWord, stateWord } from '../jobs/job-words';
import { formatCount, formatSecondsLeft } from '../ui/format';
import { useFocusOnChange } from '../ui/use-focus-handover';
import classes from './query-styles.module.css';

type DatasetJobProps = {
  datasetId: string;
  kind: JobKind;
  /** The job that was begun here, which may be over before it is seen at work. */
  startedId: string | undefined;
};

/** The newest job of a kind on the dataset: how far it is, what can be done to it, and how it ended if that was seen
 *  here or went wrong. Its end has the counts read again. */
export function DatasetJob({ datasetId, kind, startedId }: DatasetJobProps) {
  const queryClient = useQueryClient();
  const { data: jobs = [] } = useQuery(recentJobsQuery());
  const job = jobs.find((one) => one.kind === kind && one.dataset?.id === datasetId);
  const [seenId, setSeenId] = useState<string | null>(null);
  const openId = job && isUnfinished(job) ? job.id : null;
  const endedId = job && openId === null ? job.id : null;
  useEffect(() => {
    if (openId !== null) setSeenId(openId);
  }, [openId]);
  const isWatched = endedId !== null && (endedId === seenId || endedId === startedId);
  useEffect(() => {
    if (isWatched) void queryClient.invalidateQueries({ queryKey: DATASETS_KEY });
  }, [isWatched, queryClient]);
  const end = useRef<HTMLParagraphElement>(null);
  useFocusOnChange(openId, end);
  if (!job) return null;
  if (isUnfinished(job)) return <JobAtWork job={job} />;
  if (job.state === 'FAILED') {
    return (
      <p ref={end} className={classes.failure} role="alert" tabIndex={-1}>
        {job.message ?? 'It failed; the list of imports says more.'}
      </p>
    );
  }
  return isWatched ? (
    <p ref={end} className={classes.ended} role="status" tabIndex={-1}>
      {endOf(job)}
    </p>
  ) : null;
}

function JobAtWork({ job }: { job: Job }) {
  const share = jobShare(job) ?? 0;
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
      <div className={classes.jobLine}>
        <p className={classes.note}>{paceOf(job)}</p>
        <JobButtons job={job} />
      </div>
    </div>
  );
}

/** "Running · 120 of 900 · 40 s left". */
function paceOf(job: Job): string {
  const { total, done, secondsLeft, state } = job;
  const count = total == null ? 'counting…' : `${formatCount(done)} of ${formatCount(total)}`;
  const left = secondsLeft == null || state !== 'RUNNING' ? null : `${formatSecondsLeft(secondsLeft)} left`;
  return [stateWord(job), count, left].filter(Boolean).join(' · ');
}

function endOf(job: Job): string {
  const { kind, state, message, done, failed, total } = job;
  const well = `${formatCount(done - failed)} of ${formatCount(total ?? done)} ${outcomeWord(job)}`;
  if (state === 'CANCELLED') {
    return kind === 'BUILD'
      ? `Cancelled: ${well}. They stay; started again, it makes the rest.`
      : 'Cancelled.';
  }
  return message ?? `Done: ${well}.`;
}
