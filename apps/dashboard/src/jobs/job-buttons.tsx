'use client';

import type { MouseEvent } from 'react';
import { FocusableButton } from '../ui/focusable-button';
import { useFocusHandover } from '../ui/use-focus-handover';
import { isUnfinished, type Job } from './job-queries';
import classes from './jobs.module.css';
import { useJobActions } from './use-job-actions';

/** Pause, resume and cancel, as far as they make sense now; the job's entry takes the focus when they do not any more. */
export function JobButtons({ job }: { job: Job }) {
  const { cancel, pause, resume } = useJobActions();
  const handOver = useFocusHandover();
  if (!isUnfinished(job)) return null;
  const press = (action: { mutate: (id: string) => void }) => (event: MouseEvent) => {
    const entry = event.currentTarget.closest<HTMLElement>('[data-job]');
    handOver(() => entry);
    action.mutate(job.id);
  };
  const isPaused = job.state === 'PAUSED';
  const toggle = isPaused ? resume : pause;
  return (
    <span className={classes.buttons}>
      <FocusableButton
        size="compact-xs"
        variant="default"
        loading={toggle.isPending}
        disabled={job.stopping}
        onClick={press(toggle)}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </FocusableButton>
      <FocusableButton size="compact-xs" variant="default" loading={cancel.isPending} onClick={press(cancel)}>
        Cancel
      </FocusableButton>
    </span>
  );
}
