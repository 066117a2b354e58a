import { IconBrush, IconPhoto, IconPhotoSearch, IconTypography, type TablerIcon } from '@tabler/icons-react';
import { uploadUrl } from '../api/client';
import type { QueryStyle } from '../generated/graphql';
import type { Part } from './query';

const PART_COLOURS = 5;

/** Each part's colour; its number stands beside it, so that nothing is told by colour alone. */
export const partColour = (place: number) => `var(--part-${place % PART_COLOURS})`;

export const KIND_ICONS: Record<Part['kind'], TablerIcon> = {
  text: IconTypography,
  sketch: IconBrush,
  upload: IconPhoto,
  photo: IconPhotoSearch,
};

const KIND_NAMES: Record<Part['kind'], string> = {
  text: 'Words',
  sketch: 'Sketch',
  upload: 'Picture',
  photo: 'Gallery photo',
};

/** What a part is called in lists and for screen readers: the words themselves, or the kind of picture. */
export const partName = (part: Part) =>
  part.kind === 'text' ? `“${part.text.trim() || '…'}”` : KIND_NAMES[part.kind];

/** The picture of a part, if it has one that the server holds; a gallery photo's comes with its record. */
export const partPictureUrl = (part: Part): string | null =>
  (part.kind === 'sketch' || part.kind === 'upload') && part.uploadId ? uploadUrl(part.uploadId) : null;

/** The styles a person can set, in the words of the page. */
export const STYLE_OPTIONS: readonly { value: QueryStyle; label: string }[] = [
  { value: 'AUTO', label: 'Auto' },
  { value: 'PHOTO', label: 'Photo' },
  { value: 'SKETCH', label: 'Sketch' },
  { value: 'ART', label: 'Art' },
  { value: 'LOWRES', label: 'Low-res' },
];

/** "lowres" → "Low-res": a style's name as the model reports it, for reading. */
export function styleLabel(style: string): string {
  const known = STYLE_OPTIONS.find(
    ({ value }) => value.toLowerCase() === style.toLowerCase().replace(/[-_]/g, ''),
  );
  return known?.label ?? style.charAt(0).toUpperCase() + style.slice(1);
}
