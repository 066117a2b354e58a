import { Progress } from '@mantine/core';
import type { StyleSpaceRowFragment } from '../generated/graphql';
import classes from './styles.module.css';

/** How far a space is that is being built, or why it is not. */
export function BuildProgress({
  space: { state, job },
}: {
  space: Pick<StyleSpaceRowFragment, 'state' | 'job'>;
}) {
  if (state === 'FAILED') {
    return (
      <p className={classes.problem} role="alert">
        {job?.state === 'CANCELLED' ? 'It was cancelled.' : (job?.message ?? 'It could not be built.')}
      </p>
    );
  }
  const share = job?.total ? (100 * job.done) / job.total : 0;
  return (
    <div className={classes.building}>
      <Progress value={share} size="sm" aria-label="Progress" />
      <p className={classes.dim} role="status">
        {job?.state === 'PAUSED'
          ? 'Paused'
          : (job?.message ?? (job?.state === 'RUNNING' ? 'At work' : 'It waits for its turn'))}{' '}
        · {Math.floor(share)} %
      </p>
    </div>
  );
}
