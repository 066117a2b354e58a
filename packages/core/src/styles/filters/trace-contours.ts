/** Points of a stroke in pixels, `[x0, y0, x1, y1, …]`. */
export type Polyline = readonly number[];

/** Follows the thin lines of an edge mask into strokes; at a crossing it goes straightest on.
 *  Each edge pixel is used once. @param mask `[height, width]` of 0 and 1. @param minLength points a stroke needs. */
export function traceContours(
  mask: Uint8Array,
  width: number,
  height: number,
  minLength: number,
): Polyline[] {
  const free = mask.slice();
  const strokes: Polyline[] = [];
  // Line ends first, so that an open line is walked whole; then what is left, the closed ones.
  for (const endsOnly of [true, false]) {
    for (let i = 0; i < free.length; i++) {
      if (free[i] !== 1 || (endsOnly && neighbours(free, i, width, height).length !== 1)) continue;
      const ahead = walk(free, i, width, height);
      free[i] = 1;
      const back = walk(free, i, width, height);
      const points = [...back.reverse(), ...ahead.slice(1)];
      if (points.length >= minLength) strokes.push(points.flatMap((p) => [p % width, Math.floor(p / width)]));
    }
  }
  return strokes;
}

function walk(free: Uint8Array, start: number, width: number, height: number): number[] {
  const path = [start];
  free[start] = 0;
  let here = start;
  for (;;) {
    const options = neighbours(free, here, width, height);
    if (options.length === 0) return path;
    here = straightest(path, options, width);
    free[here] = 0;
    path.push(here);
  }
}

function straightest(path: readonly number[], options: readonly number[], width: number): number {
  const here = path.at(-1) ?? 0;
  const past = path[Math.max(0, path.length - 5)] ?? here;
  const hx = (here % width) - (past % width);
  const hy = Math.floor(here / width) - Math.floor(past / width);
  let best = options[0] ?? here;
  let bestScore = -Infinity;
  for (const option of options) {
    const dx = (option % width) - (here % width);
    const dy = Math.floor(option / width) - Math.floor(here / width);
    const score = (hx * dx + hy * dy) / Math.hypot(dx, dy);
    if (score > bestScore) {
      best = option;
      bestScore = score;
    }
  }
  return best;
}

function neighbours(mask: Uint8Array, i: number, width: number, height: number): number[] {
  const x = i % width;
  const y = (i - x) / width;
  const found: number[] = [];
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const nx = x + dx;
      const ny = y + dy;
      if ((dx === 0 && dy === 0) || nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
      if (mask[ny * width + nx] === 1) found.push(ny * width + nx);
    }
  }
  return found;
}

/** Joins strokes whose ends lie within `gap` pixels and point at each other, as a hand would draw them in one go. */
export function joinStrokes(strokes: readonly Polyline[], gap: number): Polyline[] {
  const open = strokes.map((stroke) => stroke.slice());
  // Longest first: a long contour gathers its fragments.
  open.sort((a, b) => b.length - a.length);
  for (let i = 0; i < open.length; i++) {
    let joined = true;
    while (joined) joined = joinOne(open, i, gap);
  }
  return open;
}

function joinOne(open: number[][], i: number, gap: number): boolean {
  const stroke = open[i] ?? [];
  let best: { j: number; points: number[]; cost: number } | undefined;
  for (let j = i + 1; j < open.length; j++) {
    const other = open[j] ?? [];
    for (const [a, b] of [
      [stroke, other],
      [stroke, reversed(other)],
      [reversed(stroke), other],
      [reversed(stroke), reversed(other)],
    ] as const) {
      const cost = joinCost(a, b, gap);
      if (cost < (best?.cost ?? 1)) best = { j, points: [...a, ...b], cost };
    }
  }
  if (best === undefined) return false;
  open[i] = best.points;
  open.splice(best.j, 1);
  return true;
}

// 0 for touching and in line, 1 and more for too far or too sharp a turn.
function joinCost(a: Polyline, b: Polyline, gap: number): number {
  const n = a.length;
  const dx = (b[0] ?? 0) - (a[n - 2] ?? 0);
  const dy = (b[1] ?? 0) - (a[n - 1] ?? 0);
  const distance = Math.hypot(dx, dy);
  if (distance > gap) return 1;
  const back = Math.max(0, n - 12);
  const ahead = Math.min(b.length - 2, 10);
  const turn = cosine(
    (a[n - 2] ?? 0) - (a[back] ?? 0),
    (a[n - 1] ?? 0) - (a[back + 1] ?? 0),
    (b[ahead] ?? 0) - (b[0] ?? 0),
    (b[ahead + 1] ?? 0) - (b[1] ?? 0),
  );
  // cos 60°: a sharper corner is drawn as two strokes.
  return turn < 0.5 ? 1 : (distance / gap) * 0.6 + (1 - turn) * 0.6;
}

const cosine = (ax: number, ay: number, bx: number, by: number): number =>
  (ax * bx + ay * by) / Math.max(1e-6, Math.hypot(ax, ay) * Math.hypot(bx, by));

function reversed(line: Polyline): number[] {
  const out: number[] = [];
  for (let i = line.length - 2; i >= 0; i -= 2) out.push(line[i] ?? 0, line[i + 1] ?? 0);
  return out;
}

/** Fewest points that stay within `tolerance` pixels of the line (Ramer 1972, Douglas and Peucker 1973). */
export function simplifyLine(line: Polyline, tolerance: number): Polyline {
  const count = line.length / 2;
  if (count < 3) return line;
  const keep = new Uint8Array(count);
  keep[0] = 1;
  keep[count - 1] = 1;
  const spans: [number, number][] = [[0, count - 1]];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [from, to] = span;
    const { index, distance } = farthest(line, from, to);
    if (distance <= tolerance) continue;
    keep[index] = 1;
    spans.push([from, index], [index, to]);
  }
  return line.filter((_, i) => keep[i >> 1] === 1);
}

function farthest(line: Polyline, from: number, to: number): { index: number; distance: number } {
  const x = line[from * 2] ?? 0;
  const y = line[from * 2 + 1] ?? 0;
  const dx = (line[to * 2] ?? 0) - x;
  const dy = (line[to * 2 + 1] ?? 0) - y;
  const length = Math.hypot(dx, dy);
  let index = from;
  let distance = -1;
  for (let i = from + 1; i < to; i++) {
    const px = (line[i * 2] ?? 0) - x;
    const py = (line[i * 2 + 1] ?? 0) - y;
    // A closed line starts where it ends: then the distance to that point.
    const d = length < 1e-6 ? Math.hypot(px, py) : Math.abs(px * dy - py * dx) / length;
    if (d > distance) {
      distance = d;
      index = i;
    }
  }
  return { index, distance };
}
