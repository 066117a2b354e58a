import { describe, expect, it } from 'vitest';
import type { RgbImage } from './rgb-image.js';
import { trimPaper } from './trim-paper.js';

type Rgb = readonly [number, number, number];

/** A picture of one colour with the outline of a rectangle on it. */
function outline(
  side: number,
  box: readonly [number, number, number, number],
  ink: Rgb = [20, 20, 20],
  ground: Rgb = [255, 255, 255],
): RgbImage {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => ground[i % 3] ?? 0);
  const [left, top, right, bottom] = box;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const isEdge = x === left || y === top || x === right - 1 || y === bottom - 1;
      if (isEdge) data.set(ink, (y * side + x) * 3);
    }
  }
  return { width: side, height: side, data };
}

describe('trimPaper', () => {
  it('brings a small drawing in a corner to the middle of a page that it fills', () => {
    const trimmed = trimPaper(outline(200, [4, 10, 44, 40]));
    expect([trimmed.width, trimmed.height]).toEqual([47, 47]);
    const dark = Array.from({ length: 47 * 47 }, (_, i) => i).filter(
      (i) => (trimmed.data[i * 3] ?? 255) < 100,
    );
    const columns = dark.map((i) => i % 47);
    const rows = dark.map((i) => Math.floor(i / 47));
    // All of the outline is there, centred: 40 of 47 columns, 30 of 47 rows.
    expect(dark).toHaveLength(2 * 40 + 2 * 28);
    expect([Math.min(...columns), 46 - Math.max(...columns)]).toEqual([3, 4]);
    expect([Math.min(...rows), 46 - Math.max(...rows)]).toEqual([8, 9]);
  });

  it.each([
    ['a drawing that fills its paper', outline(100, [5, 5, 95, 95])],
    ['an empty sheet', outline(100, [0, 0, 0, 0])],
    ['a drawing in colour', outline(100, [10, 10, 40, 40], [200, 30, 30])],
    ['a drawing on coloured paper', outline(100, [10, 10, 40, 40], [20, 20, 20], [250, 250, 180])],
    ['lines that run off the page', outline(100, [0, 10, 40, 40])],
    ['a filled shape, as a product on a white ground', outline(100, [10, 10, 13, 12])],
  ])('leaves %s as it is', (_, image) => {
    expect(trimPaper(image)).toBe(image);
  });
});
