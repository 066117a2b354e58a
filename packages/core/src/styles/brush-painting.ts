import type { RgbImage } from '../image/rgb-image.js';
import { createRandom, type Random } from '../random.js';
import { gaussianBlur } from './filters/gaussian-blur.js';
import { colourGradient, type GradientField } from './filters/gradient.js';
import { channelPlanes } from './filters/plane.js';
import { type StyleOptions, strengthOf } from './style-maker.js';

interface Brush {
  /** Half width of the stroke, pixels. */
  readonly radius: number;
  /** Half length of the stroke, pixels. */
  readonly reach: number;
}

/** Paints with brush strokes, coarse to fine after Hertzmann 1998: each layer lays strokes along the contours only where
 *  the canvas still differs from the photo blurred to the brush's size. */
export function brushPainting(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = Math.min(image.width, image.height) / 224;
  const strength = strengthOf(options);
  const random = createRandom(options.seed);
  const canvas = { ...image, data: underpainting(image, unit) };
  for (const size of [8, 4, 2]) {
    const radius = Math.max(1, size * unit * (0.6 + 0.7 * strength));
    paintLayer(canvas, image, { radius, reach: radius * 2.2 }, random);
  }
  return canvas;
}

const underpainting = (image: RgbImage, unit: number): Uint8Array =>
  gaussianBlur(image, Math.max(0.5, 12 * unit)).data;

function paintLayer(canvas: RgbImage, photo: RgbImage, brush: Brush, random: Random): void {
  const reference = gaussianBlur(photo, brush.radius * 0.55);
  const gradient = colourGradient(channelPlanes(reference));
  const pitch = Math.max(1, Math.round(brush.radius * 1.5));
  const spots: number[] = [];
  for (let y = 0; y < photo.height; y += pitch) {
    for (let x = 0; x < photo.width; x += pitch) {
      const px = Math.min(photo.width - 1, Math.max(0, x + random.integer(pitch)));
      const py = Math.min(photo.height - 1, Math.max(0, y + random.integer(pitch)));
      if (difference(canvas, reference, px, py) > 26) spots.push(py * photo.width + px);
    }
  }
  // In any order, or the rows would show.
  for (const spot of random.shuffle(spots)) layStroke(canvas, reference, gradient, spot, brush, random);
}

function difference(a: RgbImage, b: RgbImage, x: number, y: number): number {
  const p = (y * a.width + x) * 3;
  let sum = 0;
  for (let c = 0; c < 3; c++) sum += Math.abs((a.data[p + c] ?? 0) - (b.data[p + c] ?? 0));
  return sum;
}

function layStroke(
  canvas: RgbImage,
  reference: RgbImage,
  { magnitude, nx, ny }: GradientField,
  spot: number,
  brush: Brush,
  random: Random,
): void {
  const p = spot * 3;
  // Paint is never mixed twice alike: a little lighter or darker from stroke to stroke.
  const shade = 5 * random.normal();
  const colour = [0, 1, 2].map((c) => (reference.data[p + c] ?? 0) + shade + 2.5 * random.normal());
  // Across the gradient's direction, that is along the contour; where there is none, as the hand falls.
  const flat = (magnitude.data[spot] ?? 0) < 1.5;
  const angle = flat
    ? 0.6 + 0.5 * random.normal()
    : Math.atan2(nx[spot] ?? 0, -(ny[spot] ?? 1)) + 0.15 * random.normal();
  const x = spot % canvas.width;
  const y = (spot - x) / canvas.width;
  stampStroke(canvas, x, y, angle, brush, colour, random.uniform());
}

function stampStroke(
  canvas: RgbImage,
  cx: number,
  cy: number,
  angle: number,
  { radius, reach }: Brush,
  colour: readonly number[],
  phase: number,
): void {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const { data } = canvas;
  const wide = Math.ceil(Math.abs(cos) * reach + radius);
  const high = Math.ceil(Math.abs(sin) * reach + radius);
  for (let y = Math.max(0, cy - high); y <= Math.min(canvas.height - 1, cy + high); y++) {
    for (let x = Math.max(0, cx - wide); x <= Math.min(canvas.width - 1, cx + wide); x++) {
      const along = (x - cx) * cos + (y - cy) * sin;
      const across = -(x - cx) * sin + (y - cy) * cos;
      if (across > radius + 0.5 || across < -radius - 0.5) continue;
      const past = Math.max(0, Math.abs(along) - reach);
      const distance = Math.sqrt(past * past + across * across);
      const cover = Math.min(1, radius + 0.5 - distance) * 0.9;
      if (cover <= 0) continue;
      // Bristles: fine ridges along the stroke, a wave of ±5 grey levels.
      const wave = across / radius + phase;
      const ridge = 20 * Math.abs(wave - Math.floor(wave) - 0.5) - 5;
      const p = (y * canvas.width + x) * 3;
      data[p] = blend(data[p] ?? 0, (colour[0] ?? 0) + ridge, cover);
      data[p + 1] = blend(data[p + 1] ?? 0, (colour[1] ?? 0) + ridge, cover);
      data[p + 2] = blend(data[p + 2] ?? 0, (colour[2] ?? 0) + ridge, cover);
    }
  }
}

const blend = (under: number, paint: number, cover: number): number =>
  under + cover * (Math.min(255, Math.max(0, paint)) - under);
