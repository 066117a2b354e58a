'use client';

import { Modal } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight, IconX, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { FocusableActionIcon } from './focusable-button';
import classes from './photo-modal.module.css';

export type LargePhoto = {
  id: string;
  fileName: string;
  width: number;
  height: number;
  captions: readonly string[];
  largeUrl: string;
};

type PhotoModalProps<Photo extends LargePhoto> = {
  photos: readonly Photo[];
  /** Place of the photo that is shown; null keeps the view closed. */
  index: number | null;
  onMove: (index: number) => void;
  onClose: () => void;
  /** Once the view is gone: the place for the focus to go to. */
  onClosed: () => void;
  heading: (photo: Photo) => ReactNode;
  /** What stands beside the photo in the same light: the query. */
  beside?: ReactNode;
  facts: (photo: Photo) => ReactNode;
};

/** A photo large, with what is known of it; arrow keys go through the list, Esc closes. */
export function PhotoModal<Photo extends LargePhoto>(props: PhotoModalProps<Photo>) {
  const { photos, index, onMove, onClose, onClosed, heading, beside, facts } = props;
  const isPhone = useMediaQuery('(max-width: 48em)');
  const photo = index === null ? undefined : photos[index];
  const step = (by: number) => () => {
    if (index !== null && photos[index + by]) onMove(index + by);
  };
  useHotkeys([
    ['ArrowRight', step(1)],
    ['ArrowLeft', step(-1)],
  ]);
  return (
    <Modal.Root
      opened={photo !== undefined}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      returnFocus={false}
      size="min(1280px, 96vw)"
      fullScreen={isPhone}
      centered
      padding={0}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={photo ? (photo.captions[0] ?? photo.fileName) : 'Photo'}>
        {photo && (
          <div className={classes.view}>
            <div className={classes.stage}>
              {beside}
              <img
                key={photo.id}
                className={classes.photo}
                src={photo.largeUrl}
                alt={photo.captions[0] ?? photo.fileName}
              />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
            <section className={classes.facts} tabIndex={0} aria-label="About this photo">
              <div className={classes.top}>
                <h2 className={classes.heading}>{heading(photo)}</h2>
                <div className={classes.steps}>
                  <IconButton
                    label="Previous photo"
                    icon={IconChevronLeft}
                    onClick={step(-1)}
                    disabled={index === 0}
                  />
                  <IconButton
                    label="Next photo"
                    icon={IconChevronRight}
                    onClick={step(1)}
                    disabled={index === photos.length - 1}
                  />
                  <IconButton label="Close" icon={IconX} onClick={onClose} isFirst />
                </div>
              </div>
              {facts(photo)}
            </section>
          </div>
        )}
      </Modal.Content>
    </Modal.Root>
  );
}

type IconButtonProps = {
  label: string;
  icon: TablerIcon;
  onClick: () => void;
  disabled?: boolean;
  /** Has the focus when the view opens. */
  isFirst?: boolean;
};

function IconButton({ label, icon: Icon, onClick, disabled = false, isFirst = false }: IconButtonProps) {
  return (
    <FocusableActionIcon
      variant="subtle"
      color="gray"
      size={34}
      aria-label={label}
      onClick={onClick}
      disabled={disabled}
      data-autofocus={isFirst || undefined}
    >
      <Icon size={19} stroke={1.6} />
    </FocusableActionIcon>
  );
}
