import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom, type Random } from '../../random.js';
import { gaussianBlur } from '../filters/gaussian-blur.js';
import { colourGradient } from '../filters/gradient.js';
import { curveThrough } from '../filters/pen.js';
import { channelPlanes } from '../filters/plane.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** Long curved strokes of thick colour on a toned ground that shows between them, as the spline brushes of Hertzmann 1998
 *  follow the contours; each stroke keeps the colour it began with, pushed off from the photo's. Strength makes them
 *  longer, wider and freer. */
export function longStrokes(image: RgbImage, options: StyleOptions): RgbImage {
  const random = createRandom(options.seed);
  const unit = Math.min(image.width, image.height) / 224;
  const strength = strengthOf(options);
  const ground = [0, 1, 2].map(() => 40 + 170 * random.uniform());
  const canvas = { ...image, data: Uint8Array.from(image.data, (_, p) => ground[p % 3] ?? 0) };
  for (const width of [7, 3.4]) {
    const radius = Math.max(1, width * unit * (0.6 + 0.5 * strength));
    layStrokes(canvas, image, radius, strength, random);
  }
  return canvas;
}

function layStrokes(
  canvas: RgbImage,
  photo: RgbImage,
  radius: number,
  strength: number,
  random: Random,
): void {
  const reference = gaussianBlur(photo, radius * 0.8);
  const field = colourGradient(channelPlanes(reference));
  const { width, height } = photo;
  const pitch = radius * 1.6;
  const starts: (readonly [number, number])[] = [];
  for (let y = pitch / 2; y < height; y += pitch)
    for (let x = pitch / 2; x < width; x += pitch)
      starts.push([x + pitch * (random.uniform() - 0.5), y + pitch * (random.uniform() - 0.5)]);
  for (const [x, y] of random.shuffle(starts)) {
    const at = pixelAt(photo, x, y);
    // One place in eight stays bare, and where the canvas is right already nothing is laid.
    if (random.uniform() < 0.12 || distance(canvas, reference, at) < 30) continue;
    const path = followContour(reference, field, x, y, radius, Math.round(4 + 6 * strength));
    const shade = 14 * random.normal();
    const colour = [0, 1, 2].map((c) => (reference.data[at + c] ?? 0) + shade + 10 * random.normal());
    paint(canvas, curveThrough(path, Math.max(1, radius * 0.5)), radius, colour);
  }
}

function pixelAt({ width, height }: RgbImage, x: number, y: number): number {
  const column = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const row = Math.min(height - 1, Math.max(0, Math.floor(y)));
  return (row * width + column) * 3;
}

const distance = (a: RgbImage, b: RgbImage, p: number): number =>
  [0, 1, 2].reduce((sum, c) => sum + Math.abs((a.data[p + c] ?? 0) - (b.data[p + c] ?? 0)), 0);

/** Control points one radius apart, across the gradient, going on the way they came; the stroke ends where the photo's
 *  colour has left the stroke's. */
function followContour(
  reference: RgbImage,
  { nx, ny }: { readonly nx: Float32Array; readonly ny: Float32Array },
  startX: number,
  startY: number,
  radius: number,
  points: number,
): number[] {
  const first = pixelAt(reference, startX, startY);
  const path = [startX, startY];
  let [x, y, dx, dy] = [startX, startY, 0, 0];
  for (let k = 0; k < points; k++) {
    const at = pixelAt(reference, x, y);
    let change = 0;
    for (let c = 0; c < 3; c++)
      change += Math.abs((reference.data[at + c] ?? 0) - (reference.data[first + c] ?? 0));
    if (k > 1 && change > 90) break;
    let [tx, ty] = [-(ny[at / 3] ?? 0), nx[at / 3] ?? 0];
    if (tx * dx + ty * dy < 0) [tx, ty] = [-tx, -ty];
    // Half the old direction: strokes bend, they do not break.
    [dx, dy] = [0.5 * dx + tx, 0.5 * dy + ty];
    const length = Math.max(1e-6, Math.hypot(dx, dy));
    [dx, dy] = [dx / length, dy / length];
    x += dx * radius * 1.4;
    y += dy * radius * 1.4;
    path.push(x, y);
  }
  return path;
}

function paint(canvas: RgbImage, path: readonly number[], radius: number, colour: readonly number[]): void {
  const { width, height, data } = canvas;
  for (let k = 0; k + 1 < path.length; k += 2) {
    const [cx, cy] = [path[k] ?? 0, path[k + 1] ?? 0];
    for (let y = Math.max(0, Math.floor(cy - radius)); y <= Math.min(height - 1, cy + radius); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x <= Math.min(width - 1, cx + radius); x++) {
        const far = Math.hypot(x - cx, y - cy);
        if (far > radius) continue;
        const p = (y * width + x) * 3;
        // Paint stands a little higher, so lighter, on one side of the stroke.
        const relief = 10 * ((x - cx + (y - cy)) / (2 * radius));
        for (let c = 0; c < 3; c++) {
          data[p + c] = Math.min(255, Math.max(0, (colour[c] ?? 0) - relief));
        }
      }
    }
  }
}
