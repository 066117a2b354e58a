import type { JobKind, JobState } from '../generated/graphql';
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

/** A job's items by what became of them; the API counts each of them as done.
 *  @param stored those that were kept without being indexed, as queries are. */
export function jobParts({ total, done, duplicates, rejected, failed }: JobCounts, stored = 0) {
  return {
    indexed: Math.max(0, done - stored - duplicates - rejected - failed),
    stored,
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
export function jobPace({ kind, state, ratePerSecond, secondsLeft }: Job): string {
  if (state !== 'RUNNING') return '';
  const rate =
    ratePerSecond == null
      ? null
      : `${ratePerSecond < 10 ? ratePerSecond.toFixed(1) : Math.round(ratePerSecond)} ${wordsOf(kind).unit}/s`;
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

type KindWords = {
  readonly name: string;
  readonly title: (dataset: string) => string;
  /** What it counts. */
  readonly unit: string;
  /** What became of an item that went well. */
  readonly outcome: string;
};

const KIND_WORDS: Record<JobKind, KindWords> = {
  IMPORT: {
    name: 'Import',
    title: (dataset) => `Import into ${dataset}`,
    unit: 'photos',
    outcome: 'indexed',
  },
  EMBED: { name: 'Index again', title: (dataset) => `Index ${dataset}`, unit: 'photos', outcome: 'indexed' },
  BUILD: {
    name: 'Make queries',
    title: (dataset) => `Make queries of ${dataset}`,
    unit: 'queries',
    // Made now or there before.
    outcome: 'ready',
  },
  CHECK: {
    name: 'Check for leaks',
    title: (dataset) => `Check ${dataset}`,
    unit: 'photos',
    outcome: 'checked',
  },
  EVALUATE: {
    name: 'Evaluation',
    title: (dataset) => `Evaluate on ${dataset}`,
    unit: 'steps',
    outcome: 'measured',
  },
  BUILD_STYLE_SPACE: {
    name: 'Style space',
    title: (dataset) => `Build a style space of ${dataset}`,
    unit: 'steps',
    outcome: 'done',
  },
  PREVIEW_STYLE_EDIT: {
    name: 'Effect of style edits',
    title: (dataset) => `Measure style edits on ${dataset}`,
    unit: 'queries',
    outcome: 'encoded',
  },
  FETCH_MODEL: { name: 'Fetch a model', title: () => 'Fetch a model', unit: 'KB', outcome: 'fetched' },
  BACKFILL: {
    name: 'Encode for another model',
    title: () => 'Encode for another model',
    unit: 'photos',
    outcome: 'encoded',
  },
  TRAIN_QUERY_ENCODER: {
    name: 'Training',
    title: (dataset) => `Train on ${dataset}`,
    unit: 'steps',
    outcome: 'taken',
  },
  MEASURE_TRAINING: {
    name: 'Estimate',
    title: (dataset) => `Estimate a training on ${dataset}`,
    unit: 'steps',
    outcome: 'measured',
  },
};

/** A kind that a newer server knows is told by its own name. */
const wordsOf = (kind: JobKind): KindWords =>
  (KIND_WORDS as Partial<typeof KIND_WORDS>)[kind] ?? {
    name: kind,
    title: (dataset) => `${kind} ${dataset}`,
    unit: 'items',
    outcome: 'done',
  };

export const kindWord = ({ kind }: Pick<Job, 'kind'>) => wordsOf(kind).name;

/** "indexed", "ready": what became of the items that went well. */
export const outcomeWord = ({ kind }: Pick<Job, 'kind'>) => wordsOf(kind).outcome;

/** "Import into holidays"; a job over all datasets has only its kind. */
export const jobTitle = ({ kind, dataset }: Job) =>
  dataset ? wordsOf(kind).title(dataset.name) : wordsOf(kind).name;
