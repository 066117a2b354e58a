import { expect, it } from 'vitest';
import { jobPace, jobParts, jobShare } from './job-words.js';

const job = {
  id: 'a',
  kind: 'IMPORT',
  state: 'RUNNING',
  total: 100,
  done: 40,
  rejected: 3,
  duplicates: 2,
  failed: 1,
  ratePerSecond: 9.96,
  secondsLeft: 61,
  message: null,
  stopping: false,
  rejectsUrl: '/jobs/a/rejects.csv',
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  finishedAt: null,
  dataset: null,
} as const;

it('every item is in exactly one part of the bar', () => {
  const { indexed, duplicates, rejected, failed, open } = jobParts(job);
  expect(indexed).toBe(34);
  expect(indexed + duplicates + rejected + failed + (open ?? Number.NaN)).toBe(job.total);
});

it('a job whose items are not counted yet claims no share, and a finished one the whole', () => {
  expect(jobShare({ ...job, total: null })).toBeNull();
  expect(jobShare({ ...job, total: 0, done: 0, state: 'SUCCEEDED' })).toBe(1);
});

it('the pace is told only while a job runs', () => {
  expect(jobPace(job)).toBe('10.0 photos/s · 2 min left');
  expect(jobPace({ ...job, state: 'CANCELLED' })).toBe('');
});
