import type { ImageState } from '../generated/graphql';
import { styleLabel } from '../search/part-look';
import { formatDate } from '../ui/format';
import { EMPTY_FILTER, type ListField, type PhotoFilter, toggleValue } from './photo-filter';

export const STATE_LABELS: Record<ImageState, string> = {
  INDEXED: 'Indexed',
  UNINDEXED: 'Not indexed yet',
  DELETED: 'Deleted',
};

/** A value of a filter as people read it. */
export function valueLabel(field: ListField, value: string): string {
  if (field === 'states') return STATE_LABELS[value as ImageState] ?? value;
  if (field === 'styles') return value === '' ? 'No query' : styleLabel(value);
  if (field === 'withoutStyles') return `No ${styleLabel(value).toLowerCase()}`;
  if (value !== '') return value;
  return { splits: 'No split', classes: 'No class', tags: 'No tag' }[field];
}

export type Chip = { readonly name: string; readonly label: string; readonly without: PhotoFilter };

const LIST_NAMES: Record<ListField, string> = {
  splits: 'Split',
  classes: 'Class',
  tags: 'Tag',
  styles: 'Has style',
  withoutStyles: 'Lacks style',
  states: 'State',
};

/** What a filter asks for, each with the filter as it is without it. */
export function filterChips(filter: PhotoFilter): Chip[] {
  const chips: Chip[] = [];
  for (const field of Object.keys(LIST_NAMES) as ListField[]) {
    for (const value of filter[field]) {
      const without = toggleValue(filter, field, value);
      chips.push({ name: LIST_NAMES[field], label: valueLabel(field, value), without });
    }
  }
  const add = (field: keyof PhotoFilter, name: string, label: string) =>
    chips.push({ name, label, without: { ...filter, [field]: EMPTY_FILTER[field] } });
  if (filter.minSide !== null) add('minSide', 'Longest edge', `at least ${filter.minSide} px`);
  if (filter.maxSide !== null) add('maxSide', 'Longest edge', `at most ${filter.maxSide} px`);
  if (filter.since !== null) add('since', 'Added', `since ${formatDate(filter.since)}`);
  if (filter.until !== null) add('until', 'Added', `until ${formatDate(filter.until)}`);
  if (filter.caption) add('caption', 'Caption', `“${filter.caption}”`);
  if (filter.fileName) add('fileName', 'File', `“${filter.fileName}”`);
  if (filter.hasCaption !== null) add('hasCaption', 'Caption', filter.hasCaption ? 'has one' : 'no caption');
  if (filter.nearDuplicate !== null) {
    add('nearDuplicate', 'Near-duplicate', filter.nearDuplicate ? 'yes' : 'no');
  }
  return chips;
}
