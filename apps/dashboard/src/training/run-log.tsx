import { useQuery } from '@tanstack/react-query';
import classes from './training.module.css';
import { jobLogQuery } from './training-queries';

const times = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** What the run told, newest last. */
export function RunLog({ jobId, busy }: { jobId: string | null; busy: boolean }) {
  const log = useQuery(jobLogQuery(jobId, busy));
  const lines = log.data?.edges ?? [];
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>Log</h2>
      {lines.length === 0 ? (
        <p className={classes.dim}>Nothing was told yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <ol className={classes.log} tabIndex={0} aria-label="Log of the run">
          {lines.map(({ cursor, node: { at, level, text } }) => (
            <li key={cursor} data-level={level}>
              <time dateTime={at}>{times.format(new Date(at))}</time> {text}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
