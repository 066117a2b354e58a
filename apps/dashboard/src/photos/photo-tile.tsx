'use client';

import { IconMessageOff, IconTag, IconTrash } from '@tabler/icons-react';
import Link from 'next/link';
import type { MouseEvent } from 'react';
import classes from './photo-grid.module.css';
import type { Photo } from './photo-queries';

type PhotoTileProps = {
  photo: Photo;
  index: number;
  href: string;
  isCurrent: boolean;
  isMarked: boolean;
  /** While something is marked, a click marks too instead of opening. */
  isMarking: boolean;
  onMark: (index: number, event: { shiftKey: boolean }) => void;
  onFocus: (index: number) => void;
};

/** One photo of the grid: a link to its page, a box to mark it, and what a curator needs to see of it. */
export function PhotoTile(props: PhotoTileProps) {
  const { photo, index, href, isCurrent, isMarked, isMarking, onMark, onFocus } = props;
  const words = photo.captions[0] ?? photo.fileName;
  const onClick = (event: MouseEvent) => {
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
    // A click without a pointer is the Enter key, which always opens.
    if (event.detail === 0 || (isPlain && !isMarking)) return;
    event.preventDefault();
    onMark(index, event);
  };
  return (
    <>
      <Link
        className={classes.open}
        href={href}
        prefetch={false}
        aria-label={words}
        tabIndex={isCurrent ? 0 : -1}
        data-index={index}
        draggable={false}
        onClick={onClick}
        onFocus={() => onFocus(index)}
      >
        <span className={classes.picture}>
          <img src={photo.thumbnailUrl} alt="" decoding="async" draggable={false} />
          <Marks photo={photo} />
        </span>
        <span className={classes.line} aria-hidden>
          <span className={classes.lineMain}>{photo.class ?? photo.fileName.split('/').at(-1)}</span>
          {photo.split && <span className={classes.lineSplit}>{photo.split}</span>}
        </span>
      </Link>
      <label className={classes.mark}>
        <input
          type="checkbox"
          checked={isMarked}
          tabIndex={-1}
          aria-label={`Mark ${words}`}
          onClick={({ shiftKey }) => onMark(index, { shiftKey })}
          readOnly
        />
      </label>
    </>
  );
}

/** What is special about the photo, told by icon and by name. */
function Marks({ photo: { captions, tags, state } }: { photo: Photo }) {
  const hasMarks = captions.length === 0 || tags.length > 0 || state !== 'INDEXED';
  if (!hasMarks) return null;
  return (
    <span className={classes.marks}>
      {state === 'DELETED' && (
        <span title="Deleted">
          <IconTrash size={13} stroke={1.8} aria-hidden />
        </span>
      )}
      {state === 'UNINDEXED' && <span title="Not indexed yet: no search finds it">not indexed</span>}
      {captions.length === 0 && (
        <span title="No caption">
          <IconMessageOff size={13} stroke={1.8} aria-hidden />
        </span>
      )}
      {tags.length > 0 && (
        <span title={tags.join(', ')}>
          <IconTag size={13} stroke={1.8} aria-hidden /> {tags.length === 1 ? tags[0] : tags.length}
        </span>
      )}
    </span>
  );
}
