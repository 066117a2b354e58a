'use client';

import { Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { DiffKind } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { FocusableButton } from '../ui/focusable-button';
import { formatCount } from '../ui/format';
import { FieldChanges } from './field-changes';
import { type Compared, type DiffEntry, diffEntriesQuery } from './version-queries';
import classes from './versions.module.css';

type DiffEntriesProps = { compared: Compared; kind: DiffKind; isQuery: boolean; total: number };

/** Entries of one kind: changed ones as rows with both values, the others as tiles. */
export function DiffEntries({ compared, kind, isQuery, total }: DiffEntriesProps) {
  const query = useInfiniteQuery(diffEntriesQuery(compared, kind, isQuery));
  if (query.error) {
    return (
      <ErrorPanel
        title="The differences could not be read"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <Skeleton height={kind === 'CHANGED' ? 320 : 200} radius="md" />;
  const edges = query.data.pages.flatMap(({ versionDiff }) => versionDiff?.entries.edges ?? []);
  const isChanged = kind === 'CHANGED';
  return (
    <>
      <ul
        className={isChanged ? classes.changes : classes.tiles}
        aria-label={isQuery ? 'Queries' : 'Photos'}
        aria-busy={query.isFetching}
      >
        {edges.map(({ cursor, node }) => (
          <li key={cursor} className={isChanged ? classes.change : undefined}>
            {isChanged ? <ChangedEntry entry={node} /> : <EntryTile entry={node} />}
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <FocusableButton
          mt={14}
          size="xs"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show more ({formatCount(Math.max(0, total - edges.length))} left)
        </FocusableButton>
      )}
    </>
  );
}

function ChangedEntry({ entry }: { entry: DiffEntry }) {
  return (
    <>
      <Thumbnail entry={entry} />
      <div className={classes.changeBody}>
        <p className={classes.fileName}>{nameOf(entry)}</p>
        <FieldChanges changes={entry.changes} />
      </div>
    </>
  );
}

function EntryTile({ entry }: { entry: DiffEntry }) {
  return (
    <figure className={classes.tile} data-kind={entry.kind}>
      <Thumbnail entry={entry} />
      <figcaption>
        <span className={classes.fileName}>{nameOf(entry)}</span>
        <span className={classes.tileFacts}>
          {[entry.style, entry.split, entry.class].filter(Boolean).join(' · ') || entry.captions[0]}
        </span>
      </figcaption>
    </figure>
  );
}

function Thumbnail({ entry }: { entry: DiffEntry }) {
  return entry.thumbnailUrl ? (
    <img className={classes.thumbnail} src={entry.thumbnailUrl} alt="" loading="lazy" decoding="async" />
  ) : (
    <span className={`${classes.thumbnail} ${classes.words}`}>“{entry.text}”</span>
  );
}

/** A query that was made here has no file: it is named by its style and the photo that it means. */
const nameOf = ({ isQuery, style, fileName }: DiffEntry) =>
  isQuery ? `${style ?? 'query'} of ${fileName ?? 'a class'}` : (fileName ?? '');
