import type { Random } from '../../random.js';
import { emptyPlane, type Plane } from '../filters/plane.js';
import { between, type Canvas, chance } from './canvas.js';
import { smoothNoise } from './smooth-noise.js';

/** An uneven ellipse about the middle: 1 inside, 0 far outside, with a border that is soft or sharp.
 *  @param reach half axes as a share of half the side. */
export function roughEllipse(
  width: number,
  height: number,
  reach: readonly [number, number],
  softness: number,
  random: Random,
): Plane {
  const noise = smoothNoise(width, height, Math.max(4, Math.min(width, height) / 6), random).data;
  const mask = emptyPlane(width, height);
  const middleX = width * between(random, 0.42, 0.58);
  const middleY = height * between(random, 0.42, 0.58);
  const halfX = (width / 2) * between(random, ...reach);
  const halfY = (height / 2) * between(random, ...reach);
  for (let y = 0, i = 0; y < height; y++) {
    const v = (y - middleY) / halfY;
    for (let x = 0; x < width; x++, i++) {
      const u = (x - middleX) / halfX;
      const past = Math.sqrt(u * u + v * v) - 1 + 0.18 * (noise[i] as number);
      mask.data[i] = Math.min(1, Math.max(0, 0.5 - past / softness));
    }
  }
  return mask;
}

/** Leaves the middle of a painting and lets the rest become paper or one flat colour, as cartoons stand on nothing. */
export function onPaper(canvas: Canvas, random: Random): void {
  const mask = roughEllipse(canvas.width, canvas.height, [0.8, 1.25], between(random, 0.05, 0.5), random);
  const white = chance(random, 0.6);
  for (const plane of canvas.planes) {
    const paper = white ? between(random, 0.9, 1) : random.uniform();
    for (let i = 0; i < plane.length; i++) {
      plane[i] = paper + (mask.data[i] as number) * ((plane[i] as number) - paper);
    }
  }
}
