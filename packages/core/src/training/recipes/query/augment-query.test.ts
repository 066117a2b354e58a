import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../../image/rgb-image.js';
import { createRandom } from '../../../random.js';
import { augmentQuery } from './augment-query.js';

const white = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(255) };
const black = { ...white, data: new Uint8Array(64 * 64 * 3) };
const views = (picture: RgbImage, style: string, mayFlip = false, count = 60) => {
  const random = createRandom(`views ${style}`);
  return Array.from({ length: count }, () => augmentQuery(picture, { size: 32, style, mayFlip }, random));
};
const colours = (data: Uint8Array): number =>
  new Set(Array.from({ length: data.length / 3 }, (_, i) => data.slice(3 * i, 3 * i + 3).join())).size;

describe('augmentQuery', () => {
  it('rubs strokes out of sketches, and of nothing else', () => {
    const rubbed = (style: string) => views(black, style).filter(({ data }) => data.includes(255)).length;
    // Four in ten.
    expect(rubbed('sketch')).toBeGreaterThan(12);
    expect(rubbed('sketch')).toBeLessThan(40);
    expect([rubbed('art'), rubbed('lowres'), rubbed('photo')]).toEqual([0, 0, 0]);
  });

  it('shows low-res pictures in several strengths, and other styles in their own', () => {
    const random = createRandom('noise');
    const picture = { ...white, data: white.data.map(() => random.integer(256)) };
    const few = (style: string) =>
      views(picture, style).filter(({ data }) => colours(data) <= 16 * 16).length;
    expect(few('lowres')).toBeGreaterThan(8);
    expect(few('lowres')).toBeLessThan(35);
    expect(few('art')).toBe(0);
    // Through a thumbnail neighbours are nearly alike.
    const smooth = (style: string) =>
      views(picture, style).filter(({ data }) => {
        const steps = Array.from(data.subarray(3), (value, i) => Math.abs(value - (data[i] ?? 0)));
        return colours(data) > 16 * 16 && steps.reduce((sum, step) => sum + step, 0) / steps.length < 14;
      }).length;
    expect(smooth('lowres')).toBeGreaterThan(5);
    expect(smooth('lowres')).toBeLessThan(30);
    expect(smooth('art')).toBe(0);
  });

  it('mirrors only where the query still means the same', () => {
    const half = { ...white, data: white.data.map((_, i) => (Math.floor(i / 3) % 64 < 32 ? 0 : 255)) };
    const darkLeft = ({ data }: { data: Uint8Array }) => (data[3 * 2] ?? 0) < 128;
    expect(views(half, 'art').every(darkLeft)).toBe(true);
    const flipped = views(half, 'art', true).filter((view) => !darkLeft(view)).length;
    expect(flipped).toBeGreaterThan(18);
    expect(flipped).toBeLessThan(42);
  });

  it('crops a part of at least three quarters', () => {
    const ramp = { ...white, data: white.data.map((_, i) => Math.floor(i / 3) % 64) };
    for (const { data } of views(ramp, 'art'))
      expect((data[3 * 31] ?? 0) - (data[0] ?? 0)).toBeGreaterThan(0.9 * Math.sqrt(0.75) * 62 - 2);
  });
});
