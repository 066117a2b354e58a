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
import type { Hit, SearchPage } from './use-search-results';

type LargeViewProps = {
  hits: readonly Hit[];
  index: number | null;
  parts: readonly Part[];
  reports: SearchPage['parts'];
  onMove: (index: number) => void;
  onClose: () => void;
  onMoreLike: (imageId: string) => void;
  onLessLike: (imageId: string) => void;
};

/** One hit in full: the query beside the photo, how its score came about, and where to go from it. */
export function LargeView({
  hits,
  index,
  parts,
  reports,
  onMove,
  onClose,
  onMoreLike,
  onLessLike,
}: LargeViewProps) {
  const photos = hits.map((hit) => ({ ...hit.node, hit }));
  return (
    <PhotoModal
      photos={photos}
      index={index}
      onMove={onMove}
      onClose={onClose}
      heading={({ hit }) => `No. ${formatCount(hit.rank)}`}
      beside={<QueryStrip parts={parts} />}
      facts={(photo) => (
        <>
          <ContributionTable hit={photo.hit} parts={parts} reports={reports} />
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
