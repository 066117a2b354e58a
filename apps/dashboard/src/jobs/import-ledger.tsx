'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { useRef, useState } from 'react';
import { FocusableButton } from '../ui/focusable-button';
import { formatDateTime } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';
import { JobBar } from './job-bar';
import { JobButtons } from './job-buttons';
import { isUnfinished, type Job } from './job-queries';
import { jobPace, kindWord, stateWord } from './job-words';
import classes from './jobs.module.css';
import { RejectList } from './reject-list';
import { useJobActions } from './use-job-actions';
import { useStoredCounts } from './use-stored-counts';

/** Imports and other jobs, newest first: each with its states as a bar, its pace while it runs, and what it turned
 *  away. */
export function ImportLedger({ jobs, withDataset = true }: { jobs: readonly Job[]; withDataset?: boolean }) {
  const stored = useStoredCounts(jobs);
  return (
    <ul className={classes.ledger} aria-label="Imports">
      {jobs.map((job) => (
        <LedgerEntry key={job.id} job={job} withDataset={withDataset} stored={stored.get(job.id)} />
      ))}
    </ul>
  );
}

type LedgerEntryProps = { job: Job; withDataset: boolean; stored: number | undefined };

function LedgerEntry({ job, withDataset, stored }: LedgerEntryProps) {
  const [showsRejects, setShowsRejects] = useState(false);
  const { retryFailed } = useJobActions();
  const entry = useRef<HTMLLIElement>(null);
  const handOver = useFocusHandover();
  const turnedAway = job.rejected + job.failed + job.duplicates;
  return (
    <li ref={entry} className={classes.entry} data-job tabIndex={-1}>
      <div className={classes.entryHead}>
        {withDataset && job.dataset ? (
          <>
            <Link className={classes.entryName} href={`/datasets/${encodeURIComponent(job.dataset.id)}`}>
              {job.dataset.name}
            </Link>
            <span className={classes.entryKind}>{kindWord(job)}</span>
          </>
        ) : (
          <span className={classes.entryName}>{kindWord(job)}</span>
        )}
        <span className={classes.entryState} data-state={job.state}>
          {stateWord(job)}
        </span>
        <span className={classes.entryWhen}>{formatDateTime(job.startedAt ?? job.createdAt)}</span>
        <span className={classes.entryWhen}>{jobPace(job)}</span>
        <span className={classes.entryActions}>
          {turnedAway > 0 && (
            <Button
              size="compact-xs"
              variant="default"
              aria-expanded={showsRejects}
              onClick={() => setShowsRejects(!showsRejects)}
            >
              {showsRejects ? 'Hide the list' : 'What was left out'}
            </Button>
          )}
          {turnedAway > 0 && (
            <Button size="compact-xs" variant="default" component="a" href={job.rejectsUrl} download>
              Download the list
            </Button>
          )}
          {job.failed > 0 && !isUnfinished(job) && (
            <FocusableButton
              size="compact-xs"
              variant="default"
              loading={retryFailed.isPending}
              onClick={() => {
                handOver(() => entry.current);
                retryFailed.mutate(job.id);
              }}
            >
              Try the failed again
            </FocusableButton>
          )}
          <JobButtons job={job} />
        </span>
      </div>
      <JobBar job={job} withLegend stored={stored} />
      {job.message && <p className={classes.note}>{job.message}</p>}
      {showsRejects && <RejectList jobId={job.id} />}
    </li>
  );
}
