import type { Random } from '../../random.js';
import { emptyPlane, type Plane } from './plane.js';
import type { Polyline } from './trace-contours.js';

export interface PenOptions {
  /** Width of the line in pixels. */
  readonly width: number;
  /** How dark it is, 0 to 1. */
  readonly ink?: number;
}

/** White paper: 1 everywhere. */
export function blankPaper(width: number, height: number): Plane {
  const paper = emptyPlane(width, height);
  paper.data.fill(1);
  return paper;
}

/** Draws a line of round ends onto paper, antialiased; crossing lines do not darken each other. */
export function drawLine(paper: Plane, line: Polyline, { width, ink = 1 }: PenOptions): void {
  for (let i = 0; i + 3 < line.length; i += 2) {
    drawSegment(paper, line[i] ?? 0, line[i + 1] ?? 0, line[i + 2] ?? 0, line[i + 3] ?? 0, width / 2, ink);
  }
  if (line.length === 2)
    drawSegment(paper, line[0] ?? 0, line[1] ?? 0, line[0] ?? 0, line[1] ?? 0, width / 2, ink);
}

function drawSegment(
  paper: Plane,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
  ink: number,
): void {
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
  const right = Math.min(paper.width - 1, Math.ceil(Math.max(ax, bx) + reach));
  const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
  const bottom = Math.min(paper.height - 1, Math.ceil(Math.max(ay, by) + reach));
  const dx = bx - ax;
  const dy = by - ay;
  const squared = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const t = squared < 1e-9 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
      const ex = x - ax - t * dx;
      const ey = y - ay - t * dy;
      // Coverage falls from 1 to 0 over the pixel at the line's edge.
      const cover = Math.min(1, radius + 0.5 - Math.sqrt(ex * ex + ey * ey)) * ink;
      if (cover <= 0) continue;
      const i = y * paper.width + x;
      paper.data[i] = Math.min(paper.data[i] ?? 1, 1 - cover);
    }
  }
}

/** Rounds a polyline's corners: Catmull-Rom through its points, one sample every `step` pixels or so. */
export function curveThrough(line: Polyline, step = 2): Polyline {
  const count = line.length / 2;
  if (count < 3) return line;
  const at = (i: number): readonly [number, number] => {
    const k = Math.min(count - 1, Math.max(0, i)) * 2;
    return [line[k] ?? 0, line[k + 1] ?? 0];
  };
  const out: number[] = [...at(0)];
  for (let i = 0; i + 1 < count; i++) {
    const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    const pieces = Math.max(1, Math.ceil(Math.hypot(p2[0] - p1[0], p2[1] - p1[1]) / step));
    for (let k = 1; k <= pieces; k++) {
      const t = k / pieces;
      out.push(catmullRom(p0[0], p1[0], p2[0], p3[0], t), catmullRom(p0[1], p1[1], p2[1], p3[1], t));
    }
  }
  return out;
}

// ½·(2b + (c−a)t + (2a−5b+4c−d)t² + (3b−a−3c+d)t³)
const catmullRom = (a: number, b: number, c: number, d: number, t: number): number =>
  0.5 * (2 * b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - a - 3 * c + d))));

/** The slow tremble of a hand: moves points by smooth noise of about `amount` pixels. */
export function wobble(line: Polyline, amount: number, random: Random): Polyline {
  let vx = 0;
  let vy = 0;
  return line.map((value, i) => {
    // A first-order random walk drawn back to 0: deviation `amount`, correlation over about 8 points.
    if (i % 2 === 0) vx = 0.88 * vx + 0.475 * amount * random.normal();
    else vy = 0.88 * vy + 0.475 * amount * random.normal();
    return value + (i % 2 === 0 ? vx : vy);
  });
}

/** Length along a polyline in pixels. */
export function lineLength(line: Polyline): number {
  let total = 0;
  for (let i = 0; i + 3 < line.length; i += 2) {
    total += Math.hypot((line[i + 2] ?? 0) - (line[i] ?? 0), (line[i + 3] ?? 0) - (line[i + 1] ?? 0));
  }
  return total;
}
