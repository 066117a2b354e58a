import { describe, expect, it } from 'vitest';
import { textCell, wrapWords } from './text-cell.js';

describe('wrapWords', () => {
  it('breaks between words, cuts a word that is longer than a line, and loses no letter', () => {
    const text = 'a dog runs over unbelievablylongwordedness quickly';
    const lines = wrapWords(text, 12);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(12);
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    expect(lines[0]).toBe('a dog runs');
    expect(wrapWords('', 12)).toEqual([]);
  });
});

describe('textCell', () => {
  it('is a square of its size, light, whatever the words hold', async () => {
    const { width, height, data } = await textCell(['<b>& "quoted" \u0000', 'x '.repeat(500)], { size: 90 });
    expect([width, height]).toEqual([90, 90]);
    expect(data.reduce((sum, value) => sum + value, 0) / data.length).toBeGreaterThan(150);
  });
});
