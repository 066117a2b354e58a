'use client';

import { Button } from '@mantine/core';
import { IconPhotoSearch } from '@tabler/icons-react';
import Link from 'next/link';
import { PhotoFacts } from '../ui/photo-facts';
import { PhotoModal } from '../ui/photo-modal';
import type { DatasetPhoto } from './dataset-queries';

type PhotoViewProps = {
  photos: readonly DatasetPhoto[];
  index: number | null;
  onMove: (index: number) => void;
  onClose: () => void;
};

/** One photo of a dataset in full, with the way to its likenesses. */
export function PhotoView({ photos, index, onMove, onClose }: PhotoViewProps) {
  return (
    <PhotoModal
      photos={photos}
      index={index}
      onMove={onMove}
      onClose={onClose}
      heading={(photo) => photo.class ?? 'Photo'}
      facts={(photo) => (
        <>
          <div>
            <Button
              component={Link}
              size="xs"
              href={`/?q=${encodeURIComponent(`photo:${photo.id}`)}`}
              leftSection={<IconPhotoSearch size={15} stroke={1.6} aria-hidden />}
            >
              Find photos like this
            </Button>
          </div>
          <PhotoFacts photo={photo} />
        </>
      )}
    />
  );
}
