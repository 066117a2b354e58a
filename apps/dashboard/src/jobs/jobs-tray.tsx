'use client';

import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import { formatShare } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';
import { JobBar } from './job-bar';
import { JobButtons } from './job-buttons';
import { isActive, isUnfinished, type Job, recentJobsQuery } from './job-queries';
import { jobPace, jobShare, jobTitle, jobTroubles, stateWord } from './job-words';
import classes from './jobs.module.css';
import { useLiveJobs } from './use-live-jobs';

/** Jobs that run, and those that ended while this page was open, at the bottom right of every page. */
export function JobsTray() {
  const { data: jobs = [] } = useQuery(recentJobsQuery());
  const [isOpen, setOpen] = useState(false);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const tray = useRef<HTMLElement>(null);
  const handOver = useFocusHandover();
  const watched = useWatchedJobs(jobs);
  useLiveJobs(jobs);
  const shown = jobs.filter((job) => isActive(job) || (watched.has(job.id) && !dismissed.includes(job.id)));
  const [first] = shown;
  if (!first) return null;
  const active = shown.filter(isActive);
  const share = jobShare(first);
  const Chevron = isOpen ? IconChevronDown : IconChevronUp;
  const dismiss = (id: string) => {
    handOver(() => tray.current?.querySelector('button') ?? document.getElementById('content'));
    setDismissed([...dismissed, id]);
  };
  const title = isOpen ? 'Jobs' : active.length > 1 ? `${active.length} jobs` : jobTitle(first);
  return (
    <section ref={tray} className={classes.tray} aria-label="Jobs" data-open={isOpen || undefined}>
      <button
        type="button"
        className={classes.trayHead}
        onClick={() => setOpen(!isOpen)}
        aria-expanded={isOpen}
      >
        <span className={classes.trayTitle}>{title}</span>
        <span className={classes.trayShare}>
          {isActive(first) ? (share === null ? 'counting…' : formatShare(share)) : stateWord(first)}
        </span>
        <Chevron size={16} aria-hidden />
      </button>
      {!isOpen && <JobBar job={first} />}
      {isOpen && (
        <ul className={classes.trayList}>
          {shown.map((job) => (
            <TrayJob key={job.id} job={job} onDismiss={() => dismiss(job.id)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function TrayJob({ job, onDismiss }: { job: Job; onDismiss: () => void }) {
  const active = isActive(job);
  const words = active ? jobPace(job) || stateWord(job) : job.message || stateWord(job);
  return (
    <li className={classes.trayJob} data-job tabIndex={-1}>
      <div className={classes.trayRow}>
        <span className={classes.trayTitle}>{jobTitle(job)}</span>
        <JobButtons job={job} />
        {!isUnfinished(job) && (
          <ActionIcon size={22} variant="subtle" color="gray" aria-label="Put away" onClick={onDismiss}>
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      <JobBar job={job} withLegend />
      <p className={classes.note}>{words}</p>
      {!active && jobTroubles(job) && <p className={classes.note}>{jobTroubles(job)}</p>}
    </li>
  );
}

/**
 * The jobs that were seen running since the page was opened. While one runs, and once when it ends, what is
 * shown of datasets is read again.
 */
function useWatchedJobs(jobs: readonly Job[]): ReadonlySet<string> {
  const queryClient = useQueryClient();
  const [watched, setWatched] = useState<ReadonlySet<string>>(new Set());
  const wasActive = useRef<readonly string[]>([]);
  useEffect(() => {
    const active = jobs.filter(isActive).map(({ id }) => id);
    const ended = wasActive.current.some((id) => !active.includes(id));
    const isNew = active.some((id) => !wasActive.current.includes(id));
    wasActive.current = active;
    if (isNew) setWatched((before) => new Set([...before, ...active]));
    if (ended) {
      void queryClient.invalidateQueries({ queryKey: DATASETS_KEY });
      void queryClient.invalidateQueries({ queryKey: ['search'] });
    }
  }, [jobs, queryClient]);
  return watched;
}
