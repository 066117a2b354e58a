export type Point = readonly [number, number];

/** Rows whose places lie inside a closed line, by the even-odd rule. @param places x and y, interleaved. */
export function pointsInside(places: Float32Array, outline: readonly Point[]): number[] {
  if (outline.length < 3) return [];
  const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const rows: number[] = [];
  for (let row = 0; row < places.length / 2; row++) {
    const [x, y] = [places[2 * row] as number, places[2 * row + 1] as number];
    if (x < left || x > right || y < low || y > high) continue;
    if (isInside(x, y, outline)) rows.push(row);
  }
  return rows;
}

function isInside(x: number, y: number, outline: readonly Point[]): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [xi, yi] = outline[i] as Point;
    const [xj, yj] = outline[j] as Point;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

const CELLS = 128;

/** Finds the nearest place quickly: places sorted into a grid. */
export function createPointIndex(places: Float32Array) {
  const cellOf = (value: number) => Math.max(0, Math.min(CELLS - 1, Math.floor(((value + 1) / 2) * CELLS)));
  const count = places.length / 2;
  const starts = new Int32Array(CELLS * CELLS + 1);
  const cells = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const cell = cellOf(places[2 * row + 1] as number) * CELLS + cellOf(places[2 * row] as number);
    cells[row] = cell;
    starts[cell + 1] = (starts[cell + 1] as number) + 1;
  }
  for (let cell = 0; cell < CELLS * CELLS; cell++)
    starts[cell + 1] = (starts[cell + 1] as number) + (starts[cell] as number);
  const rows = new Int32Array(count);
  const next = starts.slice();
  for (let row = 0; row < count; row++) {
    const cell = cells[row] as number;
    rows[next[cell] as number] = row;
    next[cell] = (next[cell] as number) + 1;
  }
  /** The row nearest to a place, no farther than `within`; null where there is none. */
  return function nearest([x, y]: Point, within: number): number | null {
    let found: number | null = null;
    let best = within * within;
    for (let cy = cellOf(y - within); cy <= cellOf(y + within); cy++) {
      for (let at = starts[cy * CELLS + cellOf(x - within)] as number; ; at++) {
        if (at >= (starts[cy * CELLS + cellOf(x + within) + 1] as number)) break;
        const row = rows[at] as number;
        const distance = ((places[2 * row] as number) - x) ** 2 + ((places[2 * row + 1] as number) - y) ** 2;
        if (distance > best) continue;
        best = distance;
        found = row;
      }
    }
    return found;
  };
}
