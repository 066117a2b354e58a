import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom } from '../../random.js';
import { type DrawnKind, drawOf, drawQuery } from './draw-query.js';
import { warpQuery } from './warp-query.js';

const KINDS: readonly DrawnKind[] = ['art', 'sketch', 'lowres', 'colour'];

/** A bright disc with a dark bar on a slope of colour: lines, areas and hues to draw. */
function picture(width = 96, height = 96, seed = 'picture'): RgbImage {
  const random = createRandom(seed);
  const tint = [random.uniform(), random.uniform(), random.uniform()];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = Math.hypot(x - width / 2, y - height / 2) < Math.min(width, height) / 3;
      const bar = Math.abs(y - height * 0.55) < height / 16 && disc;
      for (let c = 0; c < 3; c++) {
        const slope = 60 + (120 * (c === 0 ? x : y)) / (c === 0 ? width : height);
        data[(y * width + x) * 3 + c] = bar ? 15 : disc ? 150 + 100 * (tint[c] ?? 0) : slope;
      }
    }
  }
  return { width, height, data };
}

const paintings = [picture(96, 96, 'a'), picture(120, 80, 'b')];

describe.each(KINDS)('drawing %s', (kind) => {
  it('gives the same bytes for the same stream, and leaves the photo as it is', () => {
    const photo = picture();
    const before = photo.data.slice();
    const [first, second] = [0, 1].map(() => drawOf(kind, photo, createRandom('one'), paintings));
    expect(second).toEqual(first);
    expect(photo.data).toEqual(before);
  });

  it('draws another picture for another stream', () => {
    const photo = picture();
    const drawn = [1, 2, 3, 4, 5].map((seed) => drawOf(kind, photo, createRandom(seed), paintings).data);
    expect(new Set(drawn.map((data) => Buffer.from(data).toString('base64'))).size).toBe(5);
  });

  it.each([
    [96, 96],
    [33, 71],
    [8, 8],
    [1, 5],
  ])('keeps a size of %i × %i', (width, height) => {
    for (let seed = 0; seed < 25; seed++) {
      const drawn = drawOf(kind, picture(width, height), createRandom(seed), paintings);
      expect([drawn.width, drawn.height, drawn.data.length]).toEqual([width, height, width * height * 3]);
    }
  });
});

it('draws kinds as often as their shares say', () => {
  const random = createRandom('shares');
  const photo = picture(8, 8);
  const counts: Record<string, number> = {};
  for (let i = 0; i < 600; i++) {
    const { kind } = drawQuery(photo, random, { shares: { art: 3, sketch: 0, lowres: 2, colour: 1 } });
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  expect(counts.sketch).toBeUndefined();
  expect(Math.abs((counts.art ?? 0) - 300)).toBeLessThan(50);
  expect(Math.abs((counts.lowres ?? 0) - 200)).toBeLessThan(50);
});

it('a sketch is never an empty sheet, and mostly paper', () => {
  let paper = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { data } = drawOf('sketch', picture(), createRandom(seed));
    const values = [...data];
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(40);
    paper += values.filter((value) => value > 200).length / values.length;
  }
  expect(paper / 100).toBeGreaterThan(0.7);
});

it('a painting can be told apart: hardly any becomes flat', () => {
  for (let seed = 0; seed < 100; seed++) {
    const { data } = drawOf('art', picture(), createRandom(seed), paintings);
    const sorted = [...data].sort((a, b) => a - b);
    const range =
      (sorted[Math.floor(0.98 * sorted.length)] ?? 0) - (sorted[Math.floor(0.02 * sorted.length)] ?? 0);
    expect(range).toBeGreaterThan(50);
  }
});

it('a warp leaves what it shows where it was within a quarter of the side, and paper outside is white', () => {
  const black: RgbImage = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) };
  let corners = 0;
  for (let seed = 0; seed < 60; seed++) {
    const { data } = warpQuery(black, createRandom(seed), { amount: 1.5, paper: true });
    expect(data[(32 * 64 + 32) * 3]).toBe(0);
    if (data[0] === 255) corners++;
  }
  expect(corners).toBeGreaterThan(0);
});
