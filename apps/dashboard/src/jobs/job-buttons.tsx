'use client';

import { Button } from '@mantine/core';
import { isUnfinished, type Job } from './job-queries';
import classes from './jobs.module.css';
import { useJobActions } from './use-job-actions';

/** Pause, resume and cancel, as far as they make sense now. */
export function JobButtons({ job }: { job: Job }) {
  const { cancel, pause, resume } = useJobActions();
  if (!isUnfinished(job)) return null;
  const isPaused = job.state === 'PAUSED';
  const toggle = isPaused ? resume : pause;
  return (
    <span className={classes.buttons}>
      <Button
        size="compact-xs"
        variant="default"
        loading={toggle.isPending}
        disabled={job.stopping}
        onClick={() => toggle.mutate(job.id)}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        loading={cancel.isPending}
        onClick={() => cancel.mutate(job.id)}
      >
        Cancel
      </Button>
    </span>
  );
}
