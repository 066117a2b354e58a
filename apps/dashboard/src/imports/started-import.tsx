'use client';

import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ImportLedger } from '../jobs/import-ledger';
import { isUnfinished, jobQuery, recentJobsQuery } from '../jobs/job-queries';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import classes from './imports.module.css';

/** An import from its beginning to its end: the ledger as it grows. */
export function StartedImport({ jobId }: { jobId: string }) {
  const one = useQuery(jobQuery(jobId));
  const { data: recent = [] } = useQuery(recentJobsQuery());
  // The list of recent jobs is followed live; the single answer is for imports of long ago.
  const job = recent.find(({ id }) => id === jobId) ?? one.data;
  if (one.error && !job) {
    return (
      <ErrorPanel title="The import could not be read" error={one.error} onRetry={() => void one.refetch()} />
    );
  }
  if (job === null)
    return <EmptyPanel title="There is no such import">It may be of another server.</EmptyPanel>;
  if (!job) return <Skeleton height={120} radius="md" />;
  return (
    <>
      <ImportLedger jobs={[job]} />
      <div className={classes.after}>
        {!isUnfinished(job) && job.dataset && (
          <Button component={Link} href={`/datasets/${encodeURIComponent(job.dataset.id)}`}>
            Look at the photos
          </Button>
        )}
        <Button component={Link} href="/datasets/import" variant="default">
          Import more
        </Button>
      </div>
    </>
  );
}
