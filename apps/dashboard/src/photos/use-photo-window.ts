'use client';

import { useDebouncedValue } from '@mantine/hooks';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { PhotoFilter } from './photo-filter';
import { PHOTOS_PER_PAGE, type Photo, type PhotoPage, pageOf, photoPageQuery } from './photo-queries';

/** A page is asked for when the scrolling has come to rest on it; pages that were flown over are not. */
const REST_MS = 90;
/** Fetching more names than this for one stretch of photos would take too long to be waited for. */
export const LONGEST_STRETCH = 5_000;
const PAGES_AT_ONCE = 4;

export type PhotoWindow = {
  /** The photo at a place behind the filter, or undefined while it is not loaded. */
  photoAt: (index: number) => Photo | undefined;
  /** Ids of the photos from one place to another, loaded as far as needed. */
  idsBetween: (from: number, to: number) => Promise<string[]>;
  error: unknown;
  retry: () => void;
};

/** The photos between two places behind a filter, and those that were loaded before. */
export function usePhotoWindow(
  datasetId: string,
  filter: PhotoFilter,
  firstIndex: number,
  lastIndex: number,
): PhotoWindow {
  const client = useQueryClient();
  const [from] = useDebouncedValue(pageOf(firstIndex), REST_MS);
  const [to] = useDebouncedValue(pageOf(lastIndex), REST_MS);
  const wanted = Array.from({ length: Math.max(0, to - from + 1) }, (_, step) => from + step);
  const results = useQueries({
    queries: wanted.map((page) => photoPageQuery(client, datasetId, filter, page)),
  });
  const failed = results.find(({ error }) => error);

  const loaded = (page: number): PhotoPage | undefined =>
    results[page - from]?.data ??
    client.getQueryData<PhotoPage>(photoPageQuery(client, datasetId, filter, page).queryKey);
  const photoAt = (index: number) => loaded(pageOf(index))?.edges[index % PHOTOS_PER_PAGE]?.node;

  const idsBetween = useCallback(
    async (first: number, last: number) => {
      const ids: string[] = [];
      for (let page = pageOf(first); page <= pageOf(last); page += PAGES_AT_ONCE) {
        const count = Math.min(PAGES_AT_ONCE, pageOf(last) - page + 1);
        const pages = await Promise.all(
          Array.from({ length: count }, (_, step) =>
            client.fetchQuery(photoPageQuery(client, datasetId, filter, page + step)),
          ),
        );
        for (const [step, { edges }] of pages.entries()) {
          for (const [place, { node }] of edges.entries()) {
            const index = (page + step) * PHOTOS_PER_PAGE + place;
            if (index >= first && index <= last) ids.push(node.id);
          }
        }
      }
      return ids;
    },
    [client, datasetId, filter],
  );
  return { photoAt, idsBetween, error: failed?.error, retry: () => void failed?.refetch() };
}
