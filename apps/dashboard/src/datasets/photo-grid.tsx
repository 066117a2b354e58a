'use client';

import { Button } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { moveFocusInGrid } from '../ui/grid-keys';
import { datasetImagesQuery } from './dataset-queries';
import classes from './datasets.module.css';
import { PhotoView } from './photo-view';

const SKELETONS = 24;

/** A dataset's photos, more of them as the page is scrolled. */
export function PhotoGrid({ datasetId }: { datasetId: string }) {
  const query = useInfiniteQuery(datasetImagesQuery(datasetId));
  const [openIndex, setOpenIndex] = useState<number | null>(null);
  const { ref, entry } = useIntersection({ rootMargin: '800px' });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (entry?.isIntersecting && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [entry?.isIntersecting, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (query.error) {
    return (
      <ErrorPanel
        title="The photos could not be read"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const photos = query.data?.pages.flatMap(
    ({ dataset }) => dataset?.images.edges.map(({ node }) => node) ?? [],
  );
  if (photos?.length === 0) {
    return (
      <EmptyPanel title="No photo in it yet">
        Photos show here as soon as an import has stored them.
      </EmptyPanel>
    );
  }
  const skeletons = !photos || isFetchingNextPage ? SKELETONS : 0;
  return (
    <>
      <ul
        className={classes.photos}
        aria-label="Photos"
        aria-busy={query.isFetching}
        onKeyDown={moveFocusInGrid}
      >
        {photos?.map((photo, index) => (
          <li key={photo.id}>
            <button
              type="button"
              className={classes.photo}
              onClick={() => setOpenIndex(index)}
              aria-label={photo.captions[0] ?? photo.fileName}
            >
              <img src={photo.thumbnailUrl} alt="" loading="lazy" decoding="async" />
            </button>
          </li>
        ))}
        {Array.from({ length: skeletons }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
          <li key={`skeleton-${index}`} aria-hidden>
            <span className={classes.photo} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button ref={ref} mt={16} variant="default" size="xs" onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      <PhotoView
        photos={photos ?? []}
        index={openIndex}
        onMove={setOpenIndex}
        onClose={() => setOpenIndex(null)}
      />
    </>
  );
}
