'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { useState } from 'react';
import { formatDateTime } from '../ui/format';
import { JobBar } from './job-bar';
import { JobButtons } from './job-buttons';
import { isUnfinished, type Job } from './job-queries';
import { jobPace, jobTitle, stateWord } from './job-words';
import classes from './jobs.module.css';
import { RejectList } from './reject-list';
import { useJobActions } from './use-job-actions';

/** Imports, newest first: each with its states as a bar, its pace while it runs, and what it turned away. */
export function ImportLedger({ jobs, withDataset = true }: { jobs: readonly Job[]; withDataset?: boolean }) {
  return (
    <ul className={classes.ledger} aria-label="Imports">
      {jobs.map((job) => (
        <LedgerEntry key={job.id} job={job} withDataset={withDataset} />
      ))}
    </ul>
  );
}

function LedgerEntry({ job, withDataset }: { job: Job; withDataset: boolean }) {
  const [showsRejects, setShowsRejects] = useState(false);
  const { retryFailed } = useJobActions();
  const turnedAway = job.rejected + job.failed + job.duplicates;
  return (
    <li className={classes.entry}>
      <div className={classes.entryHead}>
        {withDataset && !job.dataset && <span className={classes.entryName}>{jobTitle(job)}</span>}
        {withDataset && job.dataset && (
          <Link className={classes.entryName} href={`/datasets/${encodeURIComponent(job.dataset.id)}`}>
            {job.dataset.name}
          </Link>
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
            <Button
              size="compact-xs"
              variant="default"
              loading={retryFailed.isPending}
              onClick={() => retryFailed.mutate(job.id)}
            >
              Try the failed again
            </Button>
          )}
          <JobButtons job={job} />
        </span>
      </div>
      <JobBar job={job} withLegend />
      {job.message && <p className={classes.note}>{job.message}</p>}
      {showsRejects && <RejectList jobId={job.id} />}
    </li>
  );
}
