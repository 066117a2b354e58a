'use client';

import { useDocumentVisibility } from '@mantine/hooks';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { subscribe } from '../api/stream';
import { JobProgressDocument } from '../generated/graphql';
import { isActive, JOBS_KEY, type Job } from './job-queries';

const RETRY_MS = [500, 1000, 2000, 4000, 8000] as const;

/**
 * Follows the job that is at work over a subscription and keeps every list that shows it up to date. One stream at a
 * time: a browser allows few connections to one server, and jobs run one after the other. A stream that breaks is
 * opened again; until then the lists ask by themselves, slowly.
 */
export function useLiveJobs(jobs: readonly Job[]): void {
  const queryClient = useQueryClient();
  const visible = useDocumentVisibility() !== 'hidden';
  const active = jobs.filter(isActive);
  // The oldest one that waits is the next at work.
  const id = (active.find(({ state }) => state === 'RUNNING') ?? active.at(-1))?.id ?? null;
  useEffect(() => {
    if (id === null || !visible) return;
    const controller = new AbortController();
    void follow(id, queryClient, controller.signal);
    return () => controller.abort();
  }, [id, visible, queryClient]);
}

async function follow(id: string, queryClient: QueryClient, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      for await (const { jobProgress } of subscribe(JobProgressDocument, { id }, signal)) {
        failures = 0;
        showJob(queryClient, jobProgress);
      }
      // Ended: whatever waits behind it is found by the lists.
      await queryClient.invalidateQueries({ queryKey: JOBS_KEY });
      return;
    } catch {
      if (signal.aborted) return;
      const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

/** Puts what is known of a job into every cached answer that holds it: lists of jobs and single ones. */
export function showJob(queryClient: QueryClient, job: Job): void {
  queryClient.setQueriesData<unknown>({ queryKey: JOBS_KEY }, (shown: unknown) => {
    if (Array.isArray(shown)) return shown.map((one: Job) => (one.id === job.id ? job : one));
    return isJob(shown) && shown.id === job.id ? job : shown;
  });
}

const isJob = (value: unknown): value is Job =>
  typeof value === 'object' && value !== null && 'id' in value && 'state' in value && 'done' in value;
