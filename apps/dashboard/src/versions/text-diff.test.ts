import { describe, expect, it } from 'vitest';
import { diffText, diffTokens } from './text-diff';

const shown = (before: string | null, after: string | null) =>
  diffText(before, after).map((line) =>
    line
      .map(({ kind, text }) => (kind === 'same' ? text : kind === 'added' ? `{+${text}+}` : `[-${text}-]`))
      .join(''),
  );

describe('the difference of two texts', () => {
  it('marks the words that changed and leaves the others', () => {
    expect(shown('a dog on a beach', 'a brown dog on the beach')).toEqual([
      'a {+brown +}dog on [-a-]{+the+} beach',
    ]);
  });

  it('keeps lines that did not change, wherever others came or went', () => {
    expect(shown('one\ntwo\nthree', 'one\nthree\nfour')).toEqual(['one', '[-two-]', 'three', '{+four+}']);
  });

  it('sets lines apart that have little in common', () => {
    expect(shown('train', 'val')).toEqual(['[-train-]', '{+val+}']);
  });

  it('knows what was not set before, or is not any more', () => {
    expect(shown(null, 'dog')).toEqual(['{+dog+}']);
    expect(shown('dog', null)).toEqual(['[-dog-]']);
  });

  it('gives both texts back: same and removed are the first, same and added the second', () => {
    const words = ['a', 'b', 'c', 'd'];
    for (let seed = 0; seed < 300; seed++) {
      const pick = (n: number) => words[(seed * 7919 + n * n * 31 + n * seed) % words.length] ?? '';
      const before = Array.from({ length: seed % 9 }, (_, n) => pick(n));
      const after = Array.from({ length: (seed * 5) % 8 }, (_, n) => pick(n + 100));
      const parts = diffTokens(before, after);
      const without = (kind: string) => parts.filter((part) => part.kind !== kind).map(({ text }) => text);
      expect(without('added')).toEqual(before);
      expect(without('removed')).toEqual(after);
    }
  });
});
