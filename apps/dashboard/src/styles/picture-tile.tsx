import { IconPin } from '@tabler/icons-react';
import type { StylePicture } from './style-queries';
import classes from './styles.module.css';

type PictureTileProps = {
  picture: StylePicture;
  isChosen: boolean;
  onToggle?: ((index: number) => void) | undefined;
  /** Pictures that are dragged with it. */
  onDrag?: ((index: number, transfer: DataTransfer) => void) | undefined;
};

/** A picture of a space: a click chooses it, dragging it moves it. */
export function PictureTile({ picture, isChosen, onToggle, onDrag }: PictureTileProps) {
  const name = tileName(picture);
  return (
    <button
      type="button"
      className={classes.tile}
      aria-pressed={isChosen}
      aria-label={name}
      title={name}
      disabled={!onToggle}
      draggable={onDrag !== undefined}
      onClick={() => onToggle?.(picture.index)}
      onDragStart={(event) => onDrag?.(picture.index, event.dataTransfer)}
    >
      <img src={picture.thumbnailUrl} alt="" loading="lazy" draggable={false} />
      {picture.isPinned && <IconPin size={14} className={classes.pin} aria-hidden />}
    </button>
  );
}

/** What a picture is, in words. */
export const tileName = ({ isQuery, style, class: className, isPinned, isOutside }: StylePicture): string =>
  [
    isQuery ? (style ?? 'query') : 'photo',
    ...(className ? [className] : []),
    ...(isPinned ? ['pinned'] : []),
    ...(isOutside ? ['outside every known style'] : []),
  ].join(' · ');
