'use client';

import { Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight, type TablerIcon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { rememberPlace } from '../photos/last-visit';
import { isFiltered, type PhotoFilter } from '../photos/photo-filter';
import { photoHref, photosHref } from '../photos/photo-links';
import { FocusableActionIcon } from '../ui/focusable-button';
import { formatCount } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { isFocusFree } from '../ui/use-focus-handover';
import classes from './photo-page.module.css';
import { type PhotoRecord, photoPlaceQuery } from './photo-queries';

type PhotoHeaderProps = {
  datasetId: string;
  photoId: string;
  photo: PhotoRecord | undefined;
  filter: PhotoFilter;
};

/** Where the photo stands, and the way to the ones beside it behind the same filter: by arrow keys too. */
export function PhotoHeader({ datasetId, photoId, photo, filter }: PhotoHeaderProps) {
  const router = useRouter();
  const { data: place, isPlaceholderData } = useQuery(photoPlaceQuery(datasetId, photoId, filter));
  const previous = isPlaceholderData ? null : place?.previous;
  const next = isPlaceholderData ? null : place?.next;
  const go = (neighbour: { id: string } | null | undefined) => () => {
    if (neighbour) router.replace(photoHref(datasetId, neighbour.id, filter));
  };
  useHotkeys([
    ['ArrowRight', go(next)],
    ['ArrowLeft', go(previous)],
    ['Escape', () => router.push(photosHref(datasetId, filter))],
  ]);
  // The pictures beside are fetched before they are asked for, so that walking through them does not wait.
  const beside = [previous?.largeUrl, next?.largeUrl].filter(Boolean).join(' ');
  useEffect(() => {
    for (const address of beside.split(' ').filter(Boolean)) new Image().src = address;
  }, [beside]);
  const index = isPlaceholderData ? null : (place?.index ?? null);
  useEffect(() => {
    if (index !== null) rememberPlace(datasetId, filter, { index, seenIn: 'photo' });
  }, [datasetId, filter, index]);
  return (
    <PageHeader
      title={
        <>
          <Link className={classes.back} href="/datasets">
            Datasets
          </Link>
          {' / '}
          <Link className={classes.back} href={photosHref(datasetId, filter)}>
            {photo?.dataset.name ?? '…'}
          </Link>
          {' / '}
          <span className={classes.name}>{photo ? photo.fileName.split('/').at(-1) : '…'}</span>
        </>
      }
      state={place !== undefined && describe(place, isFiltered(filter))}
      action={
        <div className={classes.steps}>
          <Step
            label="Previous photo"
            keyName="←"
            icon={IconChevronLeft}
            onClick={go(previous)}
            off={!previous}
          />
          <Step label="Next photo" keyName="→" icon={IconChevronRight} onClick={go(next)} off={!next} />
        </div>
      }
    />
  );
}

type StepProps = { label: string; keyName: string; icon: TablerIcon; onClick: () => void; off: boolean };

/** The step that was pressed: it leads to a page of its own, where the same one goes on. */
let pressed: string | null = null;

function Step({ label, keyName, icon: Icon, onClick, off }: StepProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (pressed !== label) return;
    pressed = null;
    if (isFocusFree()) button.current?.focus();
  }, [label]);
  return (
    <Tooltip label={`${label} (${keyName})`}>
      <FocusableActionIcon
        ref={button}
        variant="default"
        size={34}
        aria-label={label}
        onClick={() => {
          pressed = label;
          onClick();
        }}
        disabled={off}
      >
        <Icon size={19} stroke={1.6} aria-hidden />
      </FocusableActionIcon>
    </Tooltip>
  );
}

function describe(place: { index?: number | null; total: number } | null, filtered: boolean): string {
  if (place?.index == null) return filtered ? 'not behind this filter any more' : '';
  const words = `${formatCount(place.index + 1)} of ${formatCount(place.total)}`;
  return filtered ? `${words} behind the filter` : words;
}
