import classes from './photo-grid-skeleton.module.css';

const BLANKS = 24;

/** The grid's shape while it is not known how many photos there are. */
export function PhotoGridSkeleton() {
  return (
    <div className={classes.grid} role="status" aria-label="Loading the photos" aria-busy>
      {Array.from({ length: BLANKS }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blanks are all alike
        <span key={index} />
      ))}
    </div>
  );
}
