'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { photosHref } from '../photos/photo-links';
import { usePhotoFilter } from '../photos/use-photo-filter';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { usePageTitle } from '../ui/use-page-title';
import { CaptionEditor } from './caption-editor';
import { NearDuplicates } from './near-duplicates';
import { PhotoActions } from './photo-actions';
import { PhotoFields } from './photo-fields';
import { PhotoFile } from './photo-file';
import { PhotoHeader } from './photo-header';
import classes from './photo-page.module.css';
import { photoQuery } from './photo-queries';
import { PhotoUses } from './photo-uses';
import { QueryVersions } from './query-versions';

/** One photo: large, with all that was made of it, everything known of it, and the ways to change that. */
export function PhotoPage({ datasetId, photoId }: { datasetId: string; photoId: string }) {
  const [filter] = usePhotoFilter();
  const { data: photo, error, refetch } = useQuery(photoQuery(photoId));
  usePageTitle(photo ? `${photo.fileName.split('/').at(-1)} · ${photo.dataset.name}` : undefined);
  if (error) {
    return <ErrorPanel title="The photo could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (photo === null) {
    return (
      <EmptyPanel
        isPage
        title="There is no such photo"
        action={
          <Button component={Link} href={photosHref(datasetId, filter)} variant="default">
            The dataset’s photos
          </Button>
        }
      >
        It may have gone with its dataset, or the address is cut off.
      </EmptyPanel>
    );
  }
  return (
    <>
      <PhotoHeader datasetId={datasetId} photoId={photoId} photo={photo} filter={filter} />
      <div className={classes.view}>
        <div className={classes.left}>
          <div className={classes.stage} data-deleted={photo?.state === 'DELETED' || undefined}>
            {photo && (
              <img
                key={photo.id}
                src={photo.largeUrl}
                alt={photo.captions[0] ?? photo.fileName}
                width={photo.width}
                height={photo.height}
              />
            )}
          </div>
          {photo && <QueryVersions datasetId={datasetId} queries={photo.queries} />}
        </div>
        <div className={classes.facts} aria-busy={!photo || undefined}>
          {photo ? (
            <>
              <PhotoActions datasetId={datasetId} photo={photo} />
              <CaptionEditor key={`captions ${photo.id}`} photoId={photo.id} captions={photo.captions} />
              <PhotoFields key={`fields ${photo.id}`} datasetId={datasetId} photo={photo} />
              <PhotoFile photo={photo} />
              <NearDuplicates datasetId={datasetId} photo={photo} />
              <PhotoUses datasetId={datasetId} photo={photo} />
            </>
          ) : (
            ['90%', '70%', '80%', '40%', '60%'].map((width) => (
              <span key={width} className={classes.blank} style={{ width }} />
            ))
          )}
        </div>
      </div>
    </>
  );
}
