'use client';

import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { request } from '../api/client';
import { type ItemState, JobRejectsDocument } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount } from '../ui/format';
import classes from './jobs.module.css';

const PER_PAGE = 50;

const ITEM_WORDS: Record<ItemState, string> = {
  QUEUED: 'waiting',
  STORED: 'stored',
  EMBEDDED: 'indexed',
  DUPLICATE: 'duplicate',
  REJECTED: 'rejected',
  FAILED: 'failed',
};

/** Every file that an import left out, with the reason. */
export function RejectList({ jobId }: { jobId: string }) {
  const query = useInfiniteQuery({
    queryKey: ['jobs', 'rejects', jobId],
    queryFn: async ({ pageParam, signal }) =>
      (await request(JobRejectsDocument, { id: jobId, first: PER_PAGE, after: pageParam }, signal)).job
        ?.rejects,
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined),
  });
  if (query.error) {
    return (
      <ErrorPanel
        title="The list could not be read"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <Skeleton height={120} mt={10} radius="md" />;
  const rows = query.data.pages.flatMap((page) => page?.edges ?? []);
  const total = query.data.pages[0]?.totalCount ?? rows.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.rejects} tabIndex={0} aria-label={`${formatCount(total)} files left out`}>
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">State</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ cursor, node }) => (
            <tr key={cursor}>
              <td className={classes.path}>{node.path}</td>
              <td>{ITEM_WORDS[node.state]}</td>
              <td title={node.code}>{node.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {query.hasNextPage && (
        <Button m={8} size="compact-xs" variant="default" onClick={() => void query.fetchNextPage()}>
          Show more ({formatCount(total - rows.length)} left)
        </Button>
      )}
    </section>
  );
}
