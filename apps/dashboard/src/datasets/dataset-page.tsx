'use client';

import { Button } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ImportLedger } from '../jobs/import-ledger';
import { isActive, recentJobsQuery } from '../jobs/job-queries';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount, formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { usePageTitle } from '../ui/use-page-title';
import { datasetQuery } from './dataset-queries';
import { DatasetTabs, useDatasetTab } from './dataset-tabs';
import classes from './datasets.module.css';

/** One dataset: what it holds, what is being done to it, and its parts as tabs. */
export function DatasetPage({ id }: { id: string }) {
  const { data: dataset, error, refetch } = useQuery(datasetQuery(id));
  const { data: jobs = [] } = useQuery(recentJobsQuery());
  const tab = useDatasetTab();
  const isMounted = useMounted();
  usePageTitle(dataset?.name);
  if (error)
    return <ErrorPanel title="The dataset could not be read" error={error} onRetry={() => void refetch()} />;
  if (dataset === null) {
    return (
      <EmptyPanel
        isPage
        title="There is no such dataset"
        action={
          <Button component={Link} href="/datasets" variant="default">
            All datasets
          </Button>
        }
      >
        It may have been deleted, or the address is cut off.
      </EmptyPanel>
    );
  }
  // The list of recent jobs is asked for while a job runs; the dataset's own record is not. The tray may have the list
  // before this page hydrates, which has to begin as the server sent it.
  const job = jobs.find((recent) => recent.dataset?.id === id) ?? dataset?.latestJob;
  return (
    <>
      <PageHeader
        title={
          <>
            <Link className={classes.back} href="/datasets">
              Datasets
            </Link>{' '}
            / {dataset?.name ?? '…'}
          </>
        }
        state={dataset && describe(dataset)}
        action={
          <Button
            component={Link}
            href={`/?in=${encodeURIComponent(id)}`}
            variant="default"
            leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
          >
            Search in it
          </Button>
        }
      />
      {dataset?.description && <p className={classes.about}>{dataset.description}</p>}
      {isMounted && job && tab !== 'imports' && (isActive(job) || job.state === 'FAILED') && (
        <ImportLedger jobs={[job]} withDataset={false} />
      )}
      <DatasetTabs datasetId={id} imageCount={dataset?.imageCount} />
    </>
  );
}

type Counts = { imageCount: number; indexedCount: number; rejectedCount: number };

function describe({ imageCount, indexedCount, rejectedCount }: Counts): string {
  const indexed = indexedCount === imageCount ? 'all indexed' : `${formatCount(indexedCount)} indexed`;
  return `${formatPlural(imageCount, 'photo')} · ${indexed} · ${formatCount(rejectedCount)} rejected`;
}
