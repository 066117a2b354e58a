import {
  IconArrowBackUp,
  IconCategory,
  IconSeparatorVertical,
  IconTag,
  IconTagOff,
  IconTrash,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ChangeImagesInput } from '../generated/graphql';

export type BulkActionName = 'tag' | 'untag' | 'split' | 'class' | 'delete' | 'restore';

export type BulkAction = {
  readonly label: string;
  /** "Tag 132 photos". */
  readonly verb: string;
  readonly icon: TablerIcon;
  /** Which counts offer values, and whether several can be given. */
  readonly values: { readonly facet: 'tags' | 'splits' | 'classes'; readonly many: boolean } | null;
  /** What a person should know before. */
  readonly note: string;
  readonly input: (values: string[]) => Omit<ChangeImagesInput, 'selection'>;
};

/** What can be done to many photos at once. */
export const BULK_ACTIONS: Record<BulkActionName, BulkAction> = {
  tag: {
    label: 'Tag',
    verb: 'Tag',
    icon: IconTag,
    values: { facet: 'tags', many: true },
    note: 'Tags that a photo has already stay as they are.',
    input: (addTags) => ({ addTags }),
  },
  untag: {
    label: 'Untag',
    verb: 'Untag',
    icon: IconTagOff,
    values: { facet: 'tags', many: true },
    note: 'Photos without the tag are not changed.',
    input: (removeTags) => ({ removeTags }),
  },
  split: {
    label: 'Split',
    verb: 'Move',
    icon: IconSeparatorVertical,
    values: { facet: 'splits', many: false },
    note: 'Queries follow their photo. Left empty: the photos are in no split.',
    input: ([split = '']) => ({ split }),
  },
  class: {
    label: 'Class',
    verb: 'Set the class of',
    icon: IconCategory,
    values: { facet: 'classes', many: false },
    note: 'Left empty: the photos have no class.',
    input: ([className = '']) => ({ class: className }),
  },
  delete: {
    label: 'Delete',
    verb: 'Delete',
    icon: IconTrash,
    values: null,
    note: 'No search finds them any more. They stay under State · Deleted, from where they can be restored.',
    input: () => ({ delete: true }),
  },
  restore: {
    label: 'Restore',
    verb: 'Restore',
    icon: IconArrowBackUp,
    values: null,
    note: 'They come back as they were, and searches find them again.',
    input: () => ({ restore: true }),
  },
};
