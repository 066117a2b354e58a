import { formatCount } from '../ui/format';
import { isActive, type Job } from './job-queries';
import { jobParts, jobShare, outcomeWord } from './job-words';
import classes from './jobs.module.css';

const SEGMENTS = [
  { field: 'indexed', word: outcomeWord },
  { field: 'stored', word: (_job: Job, count: number) => (count === 1 ? 'query' : 'queries') },
  {
    field: 'duplicates',
    word: (_job: Job, count: number) => `left out as ${count === 1 ? 'a duplicate' : 'duplicates'}`,
  },
  { field: 'rejected', word: () => 'rejected' },
  { field: 'failed', word: () => 'failed' },
] as const;

type JobBarProps = {
  job: Job;
  withLegend?: boolean;
  /** Queries among what went well, as far as they are known. */
  stored?: number;
};

/** A job's items by state as one stacked bar; the legend beneath it says the same in figures. */
export function JobBar({ job, withLegend = false, stored = 0 }: JobBarProps) {
  const share = jobShare(job);
  const total = Math.max(job.total ?? 0, 1);
  const parts = jobParts(job, stored);
  return (
    <div>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === null ? undefined : Math.round(share * 100)}
        data-unknown={(share === null && isActive(job)) || undefined}
      >
        {SEGMENTS.map(({ field }) => (
          <span
            key={field}
            className={classes[field]}
            style={{ width: `${(parts[field] / total) * 100}%` }}
          />
        ))}
      </div>
      {withLegend && (
        <ul className={classes.legend}>
          {SEGMENTS.filter(({ field }) => field === 'indexed' || parts[field] > 0).map(({ field, word }) => (
            <li key={field}>
              <span className={`${classes.swatch} ${classes[field]}`} aria-hidden />
              {formatCount(parts[field])} {word(job, parts[field])}
            </li>
          ))}
          {parts.open !== null && parts.open > 0 && (
            <li>
              <span className={classes.swatch} aria-hidden />
              {formatCount(parts.open)} to go
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
