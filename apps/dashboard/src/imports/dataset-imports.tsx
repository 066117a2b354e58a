'use client';

import { Button, Skeleton } from '@mantine/core';
import { IconPhotoUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ImportLedger } from '../jobs/import-ledger';
import { datasetJobsQuery } from '../jobs/job-queries';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import classes from './imports.module.css';

/** Everything that was ever brought into a dataset or done to it, with what became of each file. */
export function DatasetImports({ datasetId }: { datasetId: string }) {
  const { data: jobs, error, refetch } = useQuery(datasetJobsQuery(datasetId));
  const more = (
    <Button
      component={Link}
      href={`/datasets/import?into=${encodeURIComponent(datasetId)}`}
      leftSection={<IconPhotoUp size={17} stroke={1.6} aria-hidden />}
    >
      Add photos
    </Button>
  );
  if (error && !jobs) {
    return <ErrorPanel title="The imports could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!jobs) return <Skeleton height={140} radius="md" />;
  if (jobs.length === 0) {
    return (
      <EmptyPanel title="Nothing was imported yet" action={more}>
        Photos come from this computer, from a folder of the server, or from addresses of the web. Every file
        is accounted for here.
      </EmptyPanel>
    );
  }
  return (
    <>
      <div className={classes.importsHead}>{more}</div>
      <ImportLedger jobs={jobs} withDataset={false} />
    </>
  );
}
