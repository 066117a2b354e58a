import { describe, expect, it } from 'vitest';
import { createLexicon, editDistance } from './lexicon.js';
import { piecesOf, wordsOf } from './words.js';

const lexicon = createLexicon(
  [
    ['giraff', 3],
    ['grass', 400],
    ['dog', 300],
    ['cat', 80],
    ['cattl', 5],
    ['beach', 60],
  ],
  1000,
);
const stems = (entries: Record<string, string | null>) => new Map(Object.entries(entries));

describe('the words of a text', () => {
  it('are its runs of letters and digits, small, each once', () => {
    expect(wordsOf('A Dog—and a DOG, IMG_2034: Mädchen 犬')).toEqual([
      'a',
      'dog',
      'and',
      'img',
      '2034',
      'mädchen',
      '犬',
    ]);
  });

  it('weigh more the rarer they are, and 1 together; words without a stem do not count', () => {
    const pieces = piecesOf(
      ['a', 'dog', 'giraffe'],
      stems({ a: null, dog: 'dog', giraffe: 'giraff' }),
      lexicon,
    );
    expect(pieces.map(({ taken }) => taken)).toEqual(['dog', 'giraff']);
    expect(pieces[1]?.share).toBeGreaterThan(2 * (pieces[0]?.share ?? 1));
    expect(pieces.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('stay what they are where they stand somewhere, although others begin so', () => {
    expect(piecesOf(['cat'], stems({ cat: 'cat' }), lexicon)).toMatchObject([{ tsquery: "'cat'", share: 1 }]);
  });

  it('are taken for the beginning of another, or for one with a typing error, and count a little less then', () => {
    const [beginning] = piecesOf(['gir'], stems({ gir: 'gir' }), lexicon);
    expect(beginning).toMatchObject({ tsquery: "'gir':*", share: 0.9 });
    const [typo] = piecesOf(['girafe'], stems({ girafe: 'giraf' }), lexicon);
    expect(typo).toMatchObject({ tsquery: "'giraf':*" });
    const [swapped] = piecesOf(['giarffe'], stems({ giarffe: 'giarff' }), lexicon);
    expect(swapped).toMatchObject({ typed: 'giarffe', taken: 'giraff', tsquery: "'giraff'", share: 0.8 });
  });

  it('are looked for as they are where nothing is like them', () => {
    expect(piecesOf(["o'qx"], stems({ "o'qx": "o'qx" }), lexicon)).toMatchObject([
      { tsquery: "'o''qx'", share: 1 },
    ]);
  });
});

it.each([
  ['beach', 'beach', 0],
  ['beach', 'baech', 1],
  ['beach', 'beac', 1],
  ['beach', 'bxach', 1],
  ['beach', 'dog', 3],
])('%s and %s are %i apart, or more than asked for', (a, b, distance) => {
  expect(editDistance(a, b, 2)).toBe(Math.min(distance, 3));
});
