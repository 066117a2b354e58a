import { formatCount } from '../ui/format';
import { isActive, type Job } from './job-queries';
import { jobParts, jobShare } from './job-words';
import classes from './jobs.module.css';

const SEGMENTS = [
  { field: 'indexed', word: 'indexed' },
  { field: 'duplicates', word: 'left out as duplicates' },
  { field: 'rejected', word: 'rejected' },
  { field: 'failed', word: 'failed' },
] as const;

/** A job's items by state as one stacked bar; the legend beneath it says the same in figures. */
export function JobBar({ job, withLegend = false }: { job: Job; withLegend?: boolean }) {
  const share = jobShare(job);
  const total = Math.max(job.total ?? 0, 1);
  const parts = jobParts(job);
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
              {formatCount(parts[field])} {word}
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
