import { expect, it } from 'vitest';
import { EMPTY_FILTER } from './photo-filter';
import {
  EVERYTHING,
  isNothing,
  isSelected,
  mark,
  markAll,
  NOTHING,
  selectedCount,
  toSelectionInput,
} from './selection';

const filter = { ...EMPTY_FILTER, classes: ['dog'] };

it('everything behind a filter is sent as the query, with what was taken out of it', () => {
  const selection = mark(mark(EVERYTHING, 'a'), 'b');
  expect(toSelectionInput(selection, 'D', filter)).toEqual({
    datasetId: 'D',
    filter: { classes: ['dog'] },
    except: ['a', 'b'],
  });
  expect(selectedCount(selection, 5000)).toBe(4998);
  expect(isSelected(selection, 'a')).toBe(false);
  expect(isSelected(selection, 'z')).toBe(true);
});

it('named photos are sent by name, whatever the filter', () => {
  expect(toSelectionInput(markAll(NOTHING, ['a', 'b', 'a']), 'D', filter)).toEqual({
    datasetId: 'D',
    ids: ['a', 'b'],
  });
});

it('marking twice is as not marking, in both kinds', () => {
  expect(selectedCount(mark(mark(NOTHING, 'a'), 'a'), 10)).toBe(0);
  expect(selectedCount(mark(mark(EVERYTHING, 'a'), 'a'), 10)).toBe(10);
});

it('everything but every photo is nothing', () => {
  expect(isNothing(mark(EVERYTHING, 'a'), 1)).toBe(true);
});
