import type { JobState } from '../generated/graphql';
import { formatCount, formatPlural, formatSecondsLeft } from '../ui/format';
import type { Job } from './job-queries';

export const STATE_WORDS: Record<JobState, string> = {
  QUEUED: 'Waiting',
  RUNNING: 'Running',
  PAUSED: 'Paused',
  SUCCEEDED: 'Done',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** What a job is at, in a word or two. */
export const stateWord = ({ state, stopping }: Pick<Job, 'state' | 'stopping'>): string =>
  stopping ? 'Stopping after this batch' : STATE_WORDS[state];

export type JobCounts = Pick<Job, 'total' | 'done' | 'duplicates' | 'rejected' | 'failed'>;

/** A job's items by what became of them; the API counts each of them as done. */
export function jobParts({ total, done, duplicates, rejected, failed }: JobCounts) {
  return {
    indexed: Math.max(0, done - duplicates - rejected - failed),
    duplicates,
    rejected,
    failed,
    /** Null while the items are still being counted. */
    open: total == null ? null : Math.max(0, total - done),
  };
}

/** How far a job is, between 0 and 1; null while the number of items is not known. */
export function jobShare(job: Job): number | null {
  if (job.state === 'SUCCEEDED') return 1;
  if (!job.total) return null;
  return Math.min(1, job.done / job.total);
}

/** "31 photos/s · 2 min left", as far as it is known. */
export function jobPace({ state, ratePerSecond, secondsLeft }: Job): string {
  if (state !== 'RUNNING') return '';
  const rate =
    ratePerSecond == null
      ? null
      : `${ratePerSecond < 10 ? ratePerSecond.toFixed(1) : Math.round(ratePerSecond)} photos/s`;
  const left = secondsLeft == null ? null : `${formatSecondsLeft(secondsLeft)} left`;
  return [rate, left].filter(Boolean).join(' · ');
}

/** "5 rejected · 2 duplicates": only what there is. */
export function jobTroubles({ rejected, duplicates, failed }: Job): string {
  const rejectedText = rejected > 0 ? `${formatCount(rejected)} rejected` : null;
  const failedText = failed > 0 ? `${formatCount(failed)} failed` : null;
  const duplicatesText = duplicates > 0 ? formatPlural(duplicates, 'duplicate') : null;
  return [rejectedText, failedText, duplicatesText].filter(Boolean).join(' · ');
}

const KIND_WORDS: Record<string, string> = {
  IMPORT: 'Import',
  EMBED: 'Index again',
  BUILD: 'Build queries',
  CHECK: 'Check',
};

/** "Import into holidays"; a job over all datasets has only its kind. */
export const jobTitle = ({ kind, dataset }: Job) =>
  dataset ? `${KIND_WORDS[kind] ?? kind} into ${dataset.name}` : (KIND_WORDS[kind] ?? kind);
