'use client';

import { type CSSProperties, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { ErrorPanel } from '../ui/error-panel';
import { isFocusFree } from '../ui/use-focus-handover';
import { placeOfLastVisit, rememberPlace, wasPhotoOpen } from './last-visit';
import type { PhotoFilter } from './photo-filter';
import classes from './photo-grid.module.css';
import { photoHref } from './photo-links';
import { PhotoTile } from './photo-tile';
import { isNothing, isSelected } from './selection';
import type { Marking } from './use-marking';
import { usePhotoWindow } from './use-photo-window';
import { useTileGrid } from './use-tile-grid';

type PhotoGridProps = {
  datasetId: string;
  filter: PhotoFilter;
  total: number;
  marking: Marking;
  /** A photo has the focus, which may be deleted while it has. */
  onFocus: () => void;
};

/** All photos behind a filter, as if they were all there: pages come as they are scrolled to, blanks hold their place. */
export function PhotoGrid({ datasetId, filter, total, marking, onFocus }: PhotoGridProps) {
  const [wanted, setCurrent] = useState(() => placeOfLastVisit(datasetId, filter));
  // Photos may go at any time; one of those that are left can always be reached by Tab.
  const current = Math.min(wanted, total - 1);
  const takesFocus = useRef(false);
  const grid = useTileGrid(total, current);
  const loaded = usePhotoWindow(datasetId, filter, grid.firstIndex, grid.lastIndex);
  const { selection } = marking;
  const isMarking = !isNothing(selection, total);

  // Back from a photo: the list is where it was left, also when it was reached by a link.
  const { isMeasured, scrollToIndex } = grid;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as the places of the tiles are known
  useEffect(() => {
    if (!isMeasured) return;
    if (current > 0) scrollToIndex(current);
    // Not from the filter, where somebody may be typing.
    takesFocus.current = isFocusFree() && wasPhotoOpen(datasetId, filter);
  }, [isMeasured]);

  // The keyboard follows the tile that it was sent to, once that tile exists.
  useEffect(() => {
    if (!takesFocus.current) return;
    const tile = document.querySelector<HTMLElement>(`[data-photo-grid] [data-index="${current}"]`);
    if (!tile) return;
    tile.focus({ preventScroll: true });
    takesFocus.current = false;
  });

  const goTo = (index: number, extend: boolean) => {
    const target = Math.max(0, Math.min(total - 1, index));
    takesFocus.current = true;
    setCurrent(target);
    scrollToIndex(target);
    if (extend) void marking.markTo(target, loaded);
  };
  const onMark = (index: number, { shiftKey }: { shiftKey: boolean }) => {
    setCurrent(index);
    const photo = loaded.photoAt(index);
    if (shiftKey) void marking.markTo(index, loaded);
    else if (photo) marking.toggle(photo.id, index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepOf(event.key, grid.columns, total, current);
    if (step !== undefined) {
      if (event.shiftKey && !marking.hasAnchor) marking.setAnchor(current);
      goTo(step, event.shiftKey);
    } else if (event.key === ' ' && !(event.target instanceof HTMLInputElement)) onMark(current, event);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) marking.markEverything();
    else return;
    event.preventDefault();
  };

  if (loaded.error) {
    return <ErrorPanel title="The photos could not be read" error={loaded.error} onRetry={loaded.retry} />;
  }
  const size = { height: grid.height, '--picture-height': `${grid.pictureHeight}px` } as CSSProperties;
  return (
    <ul
      ref={grid.setList}
      className={classes.list}
      style={size}
      aria-label="Photos"
      data-photo-grid
      data-marking={isMarking || undefined}
      onKeyDown={onKeyDown}
    >
      {grid.virtualRows.flatMap(({ row, y }) =>
        Array.from({ length: Math.min(grid.columns, total - row * grid.columns) }, (_, column) => {
          const index = row * grid.columns + column;
          const photo = loaded.photoAt(index);
          const marked = photo !== undefined && isMarking && isSelected(selection, photo.id);
          const place: CSSProperties = {
            width: grid.tileWidth,
            transform: `translate(${grid.leftOf(column)}px, ${y}px)`,
          };
          return (
            <li
              key={index}
              className={classes.tile}
              style={place}
              aria-setsize={total}
              aria-posinset={index + 1}
              aria-busy={!photo || undefined}
              data-marked={marked || undefined}
              data-deleted={photo?.state === 'DELETED' || undefined}
            >
              {photo ? (
                <PhotoTile
                  photo={photo}
                  index={index}
                  href={photoHref(datasetId, photo.id, filter)}
                  isCurrent={index === current}
                  isMarked={marked}
                  isMarking={isMarking}
                  onMark={onMark}
                  onFocus={(focused) => {
                    onFocus();
                    setCurrent(focused);
                    rememberPlace(datasetId, filter, { index: focused, seenIn: 'grid' });
                  }}
                />
              ) : (
                <span className={classes.blank} />
              )}
            </li>
          );
        }),
      )}
    </ul>
  );
}

/** The tile that Tab leads to. */
export const currentTile = (): HTMLElement | null =>
  document.querySelector<HTMLElement>('[data-photo-grid] [tabindex="0"]');

/** Where a key leads from a tile, or undefined for keys that lead nowhere. */
function stepOf(key: string, columns: number, total: number, from: number): number | undefined {
  const places: Record<string, number> = {
    ArrowRight: from + 1,
    ArrowLeft: from - 1,
    ArrowDown: from + columns,
    ArrowUp: from - columns,
    PageDown: from + columns * 4,
    PageUp: from - columns * 4,
    Home: 0,
    End: total - 1,
  };
  return places[key];
}
