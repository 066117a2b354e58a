import { formatPlural } from '../ui/format';
import classes from './settings.module.css';

type RetentionPanelProps = { deletedDays: number; uploadDays: number };

/** How long what is kept, what is kept of searches, and where the floor comes from. */
export function RetentionPanel({ deletedDays, uploadDays }: RetentionPanelProps) {
  return (
    <section className={classes.section} aria-labelledby="kept">
      <h2 className={classes.heading} id="kept">
        What is kept
      </h2>
      <dl className={classes.list}>
        <dt>Deleted photos</dt>
        <dd>
          Served no more at once. They can be brought back for {formatPlural(deletedDays, 'day')}, then they
          are erased for good (<code>FREESTYLE_KEEP_DELETED_DAYS</code>).
        </dd>
        <dt>Pictures searched with</dt>
        <dd>{formatPlural(uploadDays, 'day')} after their last use.</dd>
        <dt>Searches</dt>
        <dd>
          No query is kept. Where <code>FREESTYLE_RECALL_SAMPLE</code> allows it, a share of them is ranked
          exactly as well, and the one figure that comes of it is kept until the server stops.
        </dd>
        <dt>Relevance floor</dt>
        <dd>Calibrated with each model, for each style; the search page says where it lies.</dd>
      </dl>
    </section>
  );
}
