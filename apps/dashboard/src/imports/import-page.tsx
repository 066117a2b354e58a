'use client';

import { Tabs } from '@mantine/core';
import { IconDeviceLaptop, IconLink, IconServer } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { DATASETS_KEY, datasetNamesQuery } from '../datasets/dataset-queries';
import { JOBS_KEY } from '../jobs/job-queries';
import { PageHeader } from '../ui/page-header';
import { useFocusOnChange } from '../ui/use-focus-handover';
import { FilesTab } from './files-tab';
import { UPLOADS_KEY } from './import-queries';
import classes from './imports.module.css';
import { SourceTab } from './source-tab';
import { StartedImport } from './started-import';
import { leaveUpload, useActiveUpload } from './upload-store';

const TABS = ['files', 'folder', 'addresses'] as const;
type Tab = (typeof TABS)[number];

/** Brings photos in: from this computer, from the server, or from the web. The address holds where one is:
 *  `from` the tab, `into` the dataset, `job` the import that was begun. */
export function ImportPage() {
  const router = useRouter();
  const params = useSearchParams();
  const into = params.get('into');
  const jobId = params.get('job');
  const tab = TABS.find((one) => one === params.get('from')) ?? 'files';
  const { data: datasets = [] } = useQuery(datasetNamesQuery());
  const target = datasets.find(({ id }) => id === into);
  const toJob = (id: string) => router.replace(`/datasets/import?job=${encodeURIComponent(id)}`);
  useStartedUpload(toJob);
  const shown = useRef<HTMLElement>(null);
  useFocusOnChange(jobId, shown);
  const toTab = (next: Tab) => {
    const query = new URLSearchParams({ from: next, ...(into && { into }) });
    router.replace(`/datasets/import?${query}`);
  };
  return (
    <>
      <PageHeader
        title={
          <>
            <Link className={classes.back} href="/datasets">
              Datasets
            </Link>{' '}
            / {jobId ? 'Import' : 'New import'}
          </>
        }
        state={target ? `into ${target.name}` : undefined}
      />
      <section
        ref={shown}
        className={classes.page}
        aria-label={jobId ? 'Import' : 'New import'}
        tabIndex={-1}
      >
        {jobId ? (
          <StartedImport jobId={jobId} />
        ) : (
          <Tabs value={tab} onChange={(next) => toTab((next as Tab | null) ?? 'files')} keepMounted={false}>
            <Tabs.List mb={16} className={classes.ways}>
              <Tabs.Tab value="files" leftSection={<IconDeviceLaptop size={16} stroke={1.6} aria-hidden />}>
                Files
              </Tabs.Tab>
              <Tabs.Tab value="folder" leftSection={<IconServer size={16} stroke={1.6} aria-hidden />}>
                Folder on the server
              </Tabs.Tab>
              <Tabs.Tab value="addresses" leftSection={<IconLink size={16} stroke={1.6} aria-hidden />}>
                Addresses
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="files">
              <FilesTab into={into} />
            </Tabs.Panel>
            <Tabs.Panel value="folder">
              <SourceTab kind="folder" into={into} onStarted={toJob} />
            </Tabs.Panel>
            <Tabs.Panel value="addresses">
              <SourceTab kind="addresses" into={into} onStarted={toJob} />
            </Tabs.Panel>
          </Tabs>
        )}
      </section>
    </>
  );
}

/** Goes on to the import when the upload's one has begun. */
function useStartedUpload(toJob: (jobId: string) => void): void {
  const queryClient = useQueryClient();
  const upload = useActiveUpload();
  const startedId = upload?.phase === 'started' ? upload.jobId : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each job, whatever else changes
  useEffect(() => {
    if (startedId === null) return;
    for (const queryKey of [JOBS_KEY, DATASETS_KEY, UPLOADS_KEY])
      void queryClient.invalidateQueries({ queryKey });
    leaveUpload();
    toJob(startedId);
  }, [startedId]);
}
