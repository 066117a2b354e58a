import { expect, it } from 'vitest';
import { readableLength } from './tokenizer.js';

/** One token a word. */
const words = { count: (text: string) => text.split(/\s+/).filter((word) => word !== '').length };

it('a text that fits is read whole', () => {
  expect(readableLength(words, 'a dog on a beach', 7)).toBeNull();
});

it('of a longer one it tells the longest beginning that fits between start and end', () => {
  const text = 'one two three four';
  const read = readableLength(words, text, 5) ?? -1;
  expect(text.slice(0, read).trim()).toBe('one two three');
  expect(words.count(text.slice(0, read + 1))).toBe(4);
});
