import { expect, it } from 'vitest';
import { filterChips } from './filter-words';
import {
  EMPTY_FILTER,
  fromFilterParams,
  type PhotoFilter,
  toFilterInput,
  toFilterParams,
} from './photo-filter';

const FULL: PhotoFilter = {
  splits: ['train', ''],
  classes: ['dog & cat', 'a=b'],
  tags: ['Löwe', ''],
  styles: ['art'],
  withoutStyles: ['sketch'],
  states: ['INDEXED', 'DELETED'],
  minSide: 100,
  maxSide: 2000,
  since: '2026-01-31',
  until: '2026-02-01',
  caption: 'a dog, running',
  fileName: 'n0/1.jpg',
  hasCaption: false,
  nearDuplicate: true,
};

it('an address brings back every part of the filter that wrote it', () => {
  const address = toFilterParams(FULL).toString();
  expect(fromFilterParams(new URLSearchParams(address))).toEqual(FULL);
});

it('an empty filter leaves the address empty and asks the API for nothing special', () => {
  expect(toFilterParams(EMPTY_FILTER).toString()).toBe('');
  expect(toFilterInput(EMPTY_FILTER)).toEqual({});
});

it('nonsense in an address is passed over', () => {
  const text = 'state=gone&min-side=-4&max-side=big&since=2026-13-99&until=soon&has-caption=maybe&tab=photos';
  expect(fromFilterParams(new URLSearchParams(text))).toEqual(EMPTY_FILTER);
});

it('both days of a span are inside it', () => {
  const { createdAfter, createdBefore } = toFilterInput({
    ...EMPTY_FILTER,
    since: '2026-03-01',
    until: '2026-03-01',
  });
  expect(Date.parse(createdBefore ?? '') - Date.parse(createdAfter ?? '')).toBe(24 * 60 * 60 * 1000);
});

it('taking every chip away leaves no filter', () => {
  let filter = FULL;
  let steps = 0;
  for (let [chip] = filterChips(filter); chip; [chip] = filterChips(filter)) {
    filter = chip.without;
    steps++;
  }
  expect(filter).toEqual(EMPTY_FILTER);
  expect(steps).toBe(filterChips(FULL).length);
});
