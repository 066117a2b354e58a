'use client';

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconHistory, IconKeyboard } from '@tabler/icons-react';
import { usePrefetchQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useRef } from 'react';
import { RecentChanges } from '../changes/recent-changes';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount, formatPlural } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';
import { BulkBar } from './bulk-bar';
import { FilterLayout } from './filter-layout';
import { placeOfLastVisit } from './last-visit';
import { EMPTY_FILTER, filterKey, isFiltered } from './photo-filter';
import { currentTile, PhotoGrid } from './photo-grid';
import { PhotoGridSkeleton } from './photo-grid-skeleton';
import { labellingHref } from './photo-links';
import { pageOf, photoCountQuery, photoPageQuery } from './photo-queries';
import { useMarking } from './use-marking';
import { usePhotoFilter } from './use-photo-filter';

/** A dataset's photos: filtered at the left, marked and changed in the grid. */
export function PhotosTab({ datasetId, imageCount }: { datasetId: string; imageCount: number | undefined }) {
  const [filter, setFilter] = usePhotoFilter();
  const marking = useMarking();
  const statusRef = useRef<HTMLParagraphElement>(null);
  const handOver = useFocusHandover();
  const [isListOpen, list] = useDisclosure(false);
  // Asked for along with their number, not after it.
  const firstPage = pageOf(placeOfLastVisit(datasetId, filter));
  usePrefetchQuery(photoPageQuery(useQueryClient(), datasetId, filter, firstPage));
  const { data: total, error, refetch } = useQuery(photoCountQuery(datasetId, filter));
  const key = filterKey(filter);
  // Other photos stand there now: what was marked before must not be changed unseen.
  const marked = useRef(key);
  useEffect(() => {
    if (marked.current !== key) marking.clear();
    marked.current = key;
  });
  const filtered = isFiltered(filter);
  return (
    <FilterLayout
      datasetId={datasetId}
      filter={filter}
      setFilter={setFilter}
      total={total}
      statusRef={statusRef}
      status={total !== undefined && describe(total, imageCount, filtered)}
      actions={
        <>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconHistory size={15} stroke={1.6} aria-hidden />}
            onClick={() => {
              // A notice that offers to undo would lie over the list, which offers the same.
              notifications.clean();
              list.open();
            }}
          >
            Changes
          </Button>
          <Button
            component={Link}
            size="xs"
            variant="default"
            leftSection={<IconKeyboard size={15} stroke={1.6} aria-hidden />}
            href={labellingHref(datasetId, filter)}
          >
            Label
          </Button>
        </>
      }
    >
      {error ? (
        <ErrorPanel title="The photos could not be counted" error={error} onRetry={() => void refetch()} />
      ) : total === undefined ? (
        <PhotoGridSkeleton />
      ) : total > 0 ? (
        <PhotoGrid
          key={key}
          datasetId={datasetId}
          filter={filter}
          total={total}
          marking={marking}
          onFocus={() => handOver(() => currentTile() ?? statusRef.current)}
        />
      ) : filtered ? (
        <EmptyPanel
          title="No photo fits"
          action={
            <Button
              variant="default"
              onClick={() => {
                handOver(() => statusRef.current);
                setFilter(EMPTY_FILTER);
              }}
            >
              Clear the filter
            </Button>
          }
        >
          None of the {imageCount === undefined ? '' : formatCount(imageCount)} photos is all that was asked
          for. Take a part of the filter away.
        </EmptyPanel>
      ) : (
        <EmptyPanel title="No photo in it yet">
          Photos show here as soon as an import has stored them.
        </EmptyPanel>
      )}
      <BulkBar datasetId={datasetId} filter={filter} total={total ?? 0} marking={marking} />
      <RecentChanges datasetId={datasetId} opened={isListOpen} onClose={list.close} />
    </FilterLayout>
  );
}

const describe = (total: number, imageCount: number | undefined, filtered: boolean) =>
  filtered && imageCount !== undefined
    ? `${formatCount(total)} of ${formatPlural(imageCount, 'photo')}`
    : formatPlural(total, 'photo');
