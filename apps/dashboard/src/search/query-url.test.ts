import { describe, expect, it } from 'vitest';
import { EMPTY_SEARCH, type Part, partByReport, type SearchState, toSearchInput } from './query.js';
import { fromSearchParams, toSearchParams } from './query-url.js';

const mixed: SearchState = {
  ...EMPTY_SEARCH,
  filter: { ...EMPTY_SEARCH.filter, classes: ['dog'], hasCaption: true },
  mode: 'WORDS',
  weak: true,
  parts: [
    { key: 'a', kind: 'text', text: 'a dog: running ~ 50% @ the beach', weight: 1, negative: false },
    { key: 'b', kind: 'sketch', uploadId: 'u-1', style: 'ART', weight: 0.6, negative: false },
    { key: 'c', kind: 'upload', uploadId: 'u-2', style: 'AUTO', weight: 1.5, negative: true },
    { key: 'd', kind: 'photo', imageId: 'SW1hZ2U6MQ==', style: 'AUTO', weight: 1, negative: false },
  ],
  datasets: ['RGF0YXNldDox'],
};

const withoutKeys = (parts: readonly Part[]) => parts.map(({ key: _, ...rest }) => rest);

describe('a search in the address', () => {
  it('comes back whole: texts, pictures, weights, styles, negatives and datasets', () => {
    const address = toSearchParams(mixed).toString();
    const read = fromSearchParams(new URLSearchParams(address));
    expect(withoutKeys(read.parts)).toEqual(withoutKeys(mixed.parts));
    expect(read.datasets).toEqual(mixed.datasets);
    expect(read).toMatchObject({ filter: mixed.filter, mode: 'WORDS', weak: true });
  });

  it('leaves out parts that say nothing yet', () => {
    const parts: Part[] = [
      { key: 'a', kind: 'text', text: '  ', weight: 1, negative: false },
      { key: 'b', kind: 'sketch', uploadId: null, style: 'AUTO', weight: 1, negative: false },
    ];
    expect(toSearchParams({ ...EMPTY_SEARCH, parts }).toString()).toBe('');
    expect(toSearchInput(parts)).toBeNull();
  });

  it('passes over what is not a part and holds weights within their range', () => {
    const read = fromSearchParams(
      new URLSearchParams([
        ['q', 'nonsense'],
        ['q', 'text@99:x'],
        ['q', 'text:'],
      ]),
    );
    expect(withoutKeys(read.parts)).toEqual([{ kind: 'text', text: 'x', weight: 2, negative: false }]);
  });
});

describe('a search for the API', () => {
  it('keeps negatives apart from positives and gives each picture its source and style', () => {
    expect(toSearchInput(mixed.parts)).toEqual({
      all: [
        { like: { text: 'a dog: running ~ 50% @ the beach' }, weight: 1 },
        { like: { image: { uploadId: 'u-1' } }, weight: 0.6, style: 'ART' },
        { like: { imageId: 'SW1hZ2U6MQ==' }, weight: 1 },
      ],
      not: [{ like: { image: { uploadId: 'u-2' } }, weight: 1.5, style: 'AUTO' }],
    });
  });

  it('may be of negatives alone', () => {
    expect(toSearchInput(mixed.parts.filter(({ negative }) => negative))).toEqual({
      not: [{ like: { image: { uploadId: 'u-2' } }, weight: 1.5, style: 'AUTO' }],
    });
  });

  it('finds the part behind a report, whether negatives are counted on their own or after the positives', () => {
    const onTheirOwn = [
      { index: 0, negative: false },
      { index: 1, negative: false },
      { index: 2, negative: false },
      { index: 0, negative: true },
    ];
    const running = onTheirOwn.map((report, index) => ({ ...report, index }));
    for (const reports of [onTheirOwn, running]) {
      const keys = reports.map((report) => partByReport(mixed.parts, reports, report)?.key);
      expect(keys).toEqual(['a', 'b', 'd', 'c']);
    }
  });
});
