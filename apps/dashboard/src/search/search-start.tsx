'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { request } from '../api/client';
import { GalleryStartDocument } from '../generated/graphql';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import type { Part } from './query';
import classes from './search-page.module.css';

type SearchStartProps = {
  parts: readonly Part[];
  datasets: readonly string[];
  onPhoto: (imageId: string) => void;
};

const SAMPLE = 24;

/** Before the first search: what can be done here, and photos of the gallery to start from. */
export function SearchStart({ parts, datasets, onPhoto }: SearchStartProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['datasets', 'start'],
    queryFn: async ({ signal }) => (await request(GalleryStartDocument, {}, signal)).datasets.edges,
    staleTime: 60_000,
  });
  if (error)
    return <ErrorPanel title="The gallery could not be read" error={error} onRetry={() => void refetch()} />;
  const searched = data?.filter(({ node }) => datasets.length === 0 || datasets.includes(node.id)) ?? [];
  const perDataset = searched.map(({ node }) => node.images.edges.map((edge) => edge.node));
  const photos = interleave(perDataset).slice(0, SAMPLE);
  if (data?.every(({ node }) => node.images.edges.length === 0)) {
    return (
      <EmptyPanel
        title="No photos yet"
        action={
          <Button component={Link} href="/datasets/import">
            Import photos
          </Button>
        }
      >
        Freestyle finds photos by words, a sketch, a painting or a blurry thumbnail. Give it a folder of
        photos to begin with.
      </EmptyPanel>
    );
  }
  return (
    <div>
      <p className={classes.lead}>
        {parts.length > 0
          ? 'Draw, write or drop a picture: photos come while you do.'
          : 'Write what you remember, sketch it, or drop a painting or a blurry thumbnail anywhere on the page. Or start from a photo:'}
      </p>
      <ul className={classes.start} aria-label="Photos to start from">
        {data
          ? photos.map((photo) => (
              <li key={photo.id}>
                <button
                  type="button"
                  onClick={() => onPhoto(photo.id)}
                  aria-label={`Photos like ${photo.fileName}`}
                >
                  <img src={photo.thumbnailUrl} alt="" loading="lazy" />
                </button>
              </li>
            ))
          : Array.from({ length: SAMPLE }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
              <li key={index} aria-hidden>
                <span />
              </li>
            ))}
      </ul>
    </div>
  );
}

/** One of each list in turn, so that a small dataset is seen beside a large one. */
function interleave<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => lists.flatMap((list) => list[place] ?? [])).flat();
}
