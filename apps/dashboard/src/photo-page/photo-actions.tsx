'use client';

import { Button } from '@mantine/core';
import { IconArrowBackUp, IconPhotoSearch, IconTrash } from '@tabler/icons-react';
import Link from 'next/link';
import { useChanges } from '../changes/use-changes';
import { FocusableButton } from '../ui/focusable-button';
import { formatDateTime } from '../ui/format';
import classes from './photo-page.module.css';
import type { PhotoRecord } from './photo-queries';

/** Looking for its like, and setting it aside or bringing it back. */
export function PhotoActions({ datasetId, photo }: { datasetId: string; photo: PhotoRecord }) {
  const { change } = useChanges();
  const isDeleted = photo.state === 'DELETED';
  const selection = { datasetId, ids: [photo.id] };
  return (
    <div>
      <div className={classes.buttons}>
        {!isDeleted && (
          <Button
            component={Link}
            size="xs"
            href={`/?q=${encodeURIComponent(`photo:${photo.id}`)}`}
            leftSection={<IconPhotoSearch size={15} stroke={1.6} aria-hidden />}
          >
            Find similar
          </Button>
        )}
        {/* The same element before and after, so that the focus stays where it was pressed. */}
        {isDeleted ? (
          <FocusableButton
            size="xs"
            loading={change.isPending}
            leftSection={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />}
            onClick={() => change.mutate({ selection, restore: true })}
          >
            Restore
          </FocusableButton>
        ) : (
          <FocusableButton
            size="xs"
            variant="default"
            loading={change.isPending}
            leftSection={<IconTrash size={15} stroke={1.6} aria-hidden />}
            onClick={() => change.mutate({ selection, delete: true })}
          >
            Delete
          </FocusableButton>
        )}
      </div>
      {isDeleted && (
        <p className={classes.notice}>
          Deleted{photo.deletedAt && ` ${formatDateTime(photo.deletedAt)}`}: no search finds it.
        </p>
      )}
      {photo.state === 'UNINDEXED' && (
        <p className={classes.notice}>Not indexed yet: searches find it once that is done.</p>
      )}
    </div>
  );
}
