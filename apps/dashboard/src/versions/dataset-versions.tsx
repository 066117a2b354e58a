'use client';

import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { useFocusOnChange } from '../ui/use-focus-handover';
import { MakeVersion } from './make-version';
import { useCompared } from './use-compared';
import { VersionDiff } from './version-diff';
import { versionsQuery } from './version-queries';
import { VersionTimeline } from './version-timeline';
import classes from './versions.module.css';

/** The versions of a dataset as a timeline, and beside it what changed between two of them. */
export function DatasetVersions({ datasetId }: { datasetId: string }) {
  const query = useInfiniteQuery(versionsQuery(datasetId));
  const versions = query.data?.pages.flatMap((page) => page?.versions.edges.map(({ node }) => node) ?? []);
  const { compared, compare } = useCompared(versions ?? []);
  // The first version puts the list in the place of what asked for it: the focus goes on to make the next one.
  const makeButton = useRef<HTMLButtonElement>(null);
  useFocusOnChange(versions?.length === 0, makeButton);
  if (query.error) {
    return (
      <ErrorPanel
        title="The versions could not be read"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!versions) return <VersionsSkeleton />;
  if (versions.length === 0) {
    return (
      <EmptyPanel title="No version yet" action={<MakeVersion datasetId={datasetId} isFirst />}>
        A version keeps the dataset as it is now: photos, captions, splits, tags and queries. Whatever is
        changed later, it stays the same, so a training or an evaluation can name what it was made of. It
        costs next to no room.
      </EmptyPanel>
    );
  }
  const [page] = query.data?.pages ?? [];
  return (
    <div className={classes.layout}>
      <section aria-label="Versions" className={classes.side}>
        <MakeVersion datasetId={datasetId} buttonRef={makeButton} />
        <VersionTimeline
          versions={versions}
          exportUrls={page ? { folder: page.folderUrl, dsr: page.dsrUrl } : null}
          compared={compared}
          onCompare={compare}
        />
        {query.hasNextPage && (
          <Button mt={8} size="compact-xs" variant="default" onClick={() => void query.fetchNextPage()}>
            Show older versions
          </Button>
        )}
      </section>
      {compared && <VersionDiff versions={versions} compared={compared} onCompare={compare} />}
    </div>
  );
}

/** The page's shape while it loads. */
function VersionsSkeleton() {
  return (
    <div className={classes.layout} aria-busy>
      <div className={classes.side}>
        <Skeleton height={36} />
        <Skeleton height={86} mt={16} />
        <Skeleton height={86} mt={8} />
      </div>
      <div>
        <Skeleton height={36} width={320} />
        <Skeleton height={240} mt={16} />
      </div>
    </div>
  );
}
