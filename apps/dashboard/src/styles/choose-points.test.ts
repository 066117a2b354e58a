import { describe, expect, it } from 'vitest';
import { createPointIndex, pointsInside } from './choose-points';

const grid = Float32Array.from({ length: 2 * 41 * 41 }, (_, at) => {
  const point = Math.floor(at / 2);
  return (at % 2 === 0 ? point % 41 : Math.floor(point / 41)) / 20 - 1;
});

describe('a lasso', () => {
  it('takes what lies inside a hollow outline and nothing of its hollow', () => {
    const outline = [
      [-0.5, -0.5],
      [0.5, -0.5],
      [0.5, 0.5],
      [0, -0.2],
      [-0.5, 0.5],
    ] as const;
    const rows = pointsInside(grid, outline);
    const places = rows.map((row) => [grid[2 * row], grid[2 * row + 1]]);
    expect(places).not.toContainEqual([0, expect.closeTo(0.2)]);
    expect(rows.length).toBeGreaterThan(100);
    for (const [x = 9, y = 9] of places) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(0.5);
  });

  it('of a line alone takes nothing', () => {
    expect(
      pointsInside(grid, [
        [0, 0],
        [1, 1],
      ]),
    ).toEqual([]);
  });
});

describe('the nearest point', () => {
  const nearest = createPointIndex(grid);

  it('is the same that looking at every point finds', () => {
    for (const place of [
      [0.013, -0.49],
      [-1, -1],
      [0.99, 0.99],
      [-0.33, 0.77],
    ] as const) {
      const distances = Array.from({ length: grid.length / 2 }, (_, row) =>
        Math.hypot((grid[2 * row] ?? 0) - place[0], (grid[2 * row + 1] ?? 0) - place[1]),
      );
      expect(nearest(place, 0.1)).toBe(distances.indexOf(Math.min(...distances)));
    }
  });

  it('is none where all are too far', () => {
    expect(nearest([0.0125, 0.0125], 0.001)).toBeNull();
    expect(nearest([3, 3], 0.1)).toBeNull();
  });
});
