'use client';

import { Button } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { IconPhotoUp } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ImportLedger } from '../jobs/import-ledger';
import { recentJobsQuery } from '../jobs/job-queries';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { datasetsQuery } from './dataset-queries';
import { DatasetTable, DatasetTableSkeleton } from './dataset-table';
import classes from './datasets.module.css';

/** All datasets, and what was done lately. */
export function DatasetsPage() {
  const datasets = useInfiniteQuery(datasetsQuery());
  const jobs = useQuery(recentJobsQuery());
  // The tray may have these before this page hydrates, which has to begin as the server sent it.
  const isMounted = useMounted();
  const rows = datasets.data?.pages.flatMap((page) => page.datasets.edges.map(({ node }) => node));
  const importButton = (
    <Button
      component={Link}
      href="/datasets/import"
      leftSection={<IconPhotoUp size={17} stroke={1.6} aria-hidden />}
    >
      New import
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Datasets"
        state={rows && rows.length > 0 && describe(rows)}
        action={rows?.length !== 0 && importButton}
      />
      {datasets.error ? (
        <ErrorPanel
          title="The datasets could not be read"
          error={datasets.error}
          onRetry={() => void datasets.refetch()}
        />
      ) : !rows ? (
        <DatasetTableSkeleton />
      ) : rows.length === 0 ? (
        <EmptyPanel title="No dataset yet" action={importButton}>
          A dataset is a set of photos that can be searched together. Bring them from this computer, from a
          folder of the server, or from addresses of the web: every file is read, indexed and accounted for.
        </EmptyPanel>
      ) : (
        <DatasetTable rows={rows} />
      )}
      {datasets.hasNextPage && (
        <Button mt={12} variant="default" size="xs" onClick={() => void datasets.fetchNextPage()}>
          Show more datasets
        </Button>
      )}
      {isMounted && jobs.data && jobs.data.length > 0 && (
        <section className={classes.imports}>
          <h2 className={classes.heading}>Recent jobs</h2>
          <ImportLedger jobs={jobs.data} />
        </section>
      )}
    </>
  );
}

function describe(rows: readonly { imageCount: number; rejectedCount: number }[]): string {
  const photos = rows.reduce((sum, { imageCount }) => sum + imageCount, 0);
  const rejected = rows.reduce((sum, { rejectedCount }) => sum + rejectedCount, 0);
  const words = `${formatPlural(photos, 'photo')} in ${formatPlural(rows.length, 'dataset')}`;
  return rejected > 0 ? `${words} · ${formatPlural(rejected, 'file')} rejected` : words;
}
