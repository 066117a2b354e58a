'use client';

import { Button } from '@mantine/core';
import { IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { formatCount } from '../ui/format';
import { PhotoFacts } from '../ui/photo-facts';
import { PhotoModal } from '../ui/photo-modal';
import classes from '../ui/photo-modal.module.css';
import { ContributionTable } from './contribution-table';
import { PartPicture } from './part-picture';
import { isComplete, type Part } from './query';
import type { SearchResults } from './use-search-results';

type LargeViewProps = {
  results: SearchResults;
  index: number | null;
  parts: readonly Part[];
  onMove: (index: number) => void;
  onClose: () => void;
  onClosed: () => void;
  onMoreLike: (imageId: string) => void;
  onLessLike: (imageId: string) => void;
};

/** So near the end of the list, in hits, the next page is asked for: it is there when it is stepped onto. */
const LOAD_AHEAD = 5;

/** One hit in full: the query beside the photo, how its score came about, and where to go from it. */
export function LargeView({
  results,
  index,
  parts,
  onMove,
  onClose,
  onClosed,
  onMoreLike,
  onLessLike,
}: LargeViewProps) {
  const { hits, report, hasMore, isLoadingMore, loadMore } = results;
  const move = (to: number) => {
    if (to >= hits.length - LOAD_AHEAD && hasMore && !isLoadingMore) loadMore();
    onMove(to);
  };
  const photos = hits.map((hit) => ({ ...hit.node, hit }));
  return (
    <PhotoModal
      photos={photos}
      index={index}
      onMove={move}
      onClose={onClose}
      onClosed={onClosed}
      heading={({ hit }) => `No. ${formatCount(hit.rank)}`}
      beside={<QueryStrip parts={parts} />}
      facts={(photo) => (
        <>
          <ContributionTable hit={photo.hit} parts={parts} reports={report?.parts ?? []} />
          <div className={classes.buttons}>
            <Button
              size="xs"
              leftSection={<IconThumbUp size={15} stroke={1.6} aria-hidden />}
              onClick={() => onMoreLike(photo.id)}
              title="Adds this photo to the search"
            >
              More like this
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconThumbDown size={15} stroke={1.6} aria-hidden />}
              onClick={() => onLessLike(photo.id)}
              title="Adds this photo as a part that pushes its likenesses down"
            >
              Less like this
            </Button>
          </div>
          <PhotoFacts photo={photo} />
        </>
      )}
    />
  );
}

function QueryStrip({ parts }: { parts: readonly Part[] }) {
  const pictures = parts.filter((part) => part.kind !== 'text' && isComplete(part));
  if (pictures.length === 0) return null;
  return (
    <div className={classes.query}>
      {pictures.map((part) => (
        <figure key={part.key} className={classes.queryPicture}>
          <PartPicture part={part} />
          <figcaption>{part.negative ? 'Pushes away' : 'Your query'}</figcaption>
        </figure>
      ))}
    </div>
  );
}
