'use client';

import { Button, Drawer, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { request } from '../api/client';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import { DatasetChangesDocument } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { FocusableButton } from '../ui/focusable-button';
import { formatDateTime } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';
import classes from './recent-changes.module.css';
import { useChanges } from './use-changes';

const PER_PAGE = 30;

type RecentChangesProps = { datasetId: string; opened: boolean; onClose: () => void };

/** What was changed in a dataset, newest first; each change can still be taken back. */
export function RecentChanges({ datasetId, opened, onClose }: RecentChangesProps) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={400}
      title="Recent changes"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && <ChangeList datasetId={datasetId} />}
    </Drawer>
  );
}

function ChangeList({ datasetId }: { datasetId: string }) {
  const { undo } = useChanges();
  const list = useRef<HTMLOListElement>(null);
  const handOver = useFocusHandover();
  const query = useInfiniteQuery({
    queryKey: [...DATASETS_KEY, 'changes', datasetId],
    queryFn: async ({ pageParam, signal }) => {
      const variables = { id: datasetId, first: PER_PAGE, after: pageParam };
      return (await request(DatasetChangesDocument, variables, signal)).dataset?.changes;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined),
  });
  if (query.error) {
    return (
      <ErrorPanel
        title="The changes could not be read"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <Skeleton height={160} radius="md" />;
  const changes = query.data.pages.flatMap((page) => page?.edges.map(({ node }) => node) ?? []);
  if (changes.length === 0) {
    return <p className={classes.empty}>Nothing was changed yet. What you tag, move or delete shows here.</p>;
  }
  return (
    <>
      <ol ref={list} className={classes.list} aria-label="Changes">
        {changes.map((change, place) => (
          <li
            key={change.id}
            className={classes.change}
            data-undone={change.undoneAt !== null || undefined}
            tabIndex={-1}
          >
            <div className={classes.words}>
              <p className={classes.summary}>{change.summary}</p>
              <p className={classes.when}>
                <time dateTime={change.createdAt}>{formatDateTime(change.createdAt)}</time>
                {change.undoneAt && ' · undone'}
              </p>
            </div>
            {!change.undoneAt && (
              <FocusableButton
                size="compact-xs"
                variant="default"
                loading={undo.isPending && undo.variables === change.id}
                onClick={() => {
                  handOver(() => list.current?.querySelectorAll('li')[place]);
                  undo.mutate(change.id);
                }}
                aria-label={`Undo: ${change.summary}`}
              >
                Undo
              </FocusableButton>
            )}
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button mt={12} size="xs" variant="default" onClick={() => void query.fetchNextPage()}>
          Show older
        </Button>
      )}
    </>
  );
}
