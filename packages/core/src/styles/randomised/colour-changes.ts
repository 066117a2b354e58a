import type { Random } from '../../random.js';
import { between, type Canvas, chance } from './canvas.js';

/** Brightness as a power: above 1 darkens. */
export function gamma({ planes }: Canvas, power: number): void {
  // A table of 1,024 steps is finer than the 255 that are left in the end.
  const table = new Float32Array(1025);
  for (let k = 0; k <= 1024; k++) table[k] = (k / 1024) ** power;
  for (const plane of planes) {
    for (let i = 0; i < plane.length; i++) {
      const value = plane[i] as number;
      plane[i] = table[value <= 0 ? 0 : value >= 1 ? 1024 : (value * 1024 + 0.5) | 0] as number;
    }
  }
}

/** Stretches values about the middle grey, then shifts them. */
export function contrast({ planes }: Canvas, gain: number, shift: number): void {
  for (const plane of planes) {
    for (let i = 0; i < plane.length; i++) plane[i] = 0.5 + shift + gain * ((plane[i] as number) - 0.5);
  }
}

/** Moves colours away from grey (above 1) or towards it (0: grey). */
export function saturate({ planes }: Canvas, gain: number): void {
  const [r, g, b] = planes;
  for (let i = 0; i < r.length; i++) {
    const red = r[i] as number;
    const green = g[i] as number;
    const blue = b[i] as number;
    const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    r[i] = grey + gain * (red - grey);
    g[i] = grey + gain * (green - grey);
    b[i] = grey + gain * (blue - grey);
  }
}

/** Turns all hues by an angle (radians) about the grey axis, luma kept (YIQ rotation). */
export function turnHue({ planes }: Canvas, angle: number): void {
  const [r, g, b] = planes;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let k = 0; k < r.length; k++) {
    const red = r[k] as number;
    const green = g[k] as number;
    const blue = b[k] as number;
    const y = 0.299 * red + 0.587 * green + 0.114 * blue;
    const i = 0.596 * red - 0.274 * green - 0.322 * blue;
    const q = 0.211 * red - 0.523 * green + 0.312 * blue;
    const u = cos * i - sin * q;
    const v = sin * i + cos * q;
    r[k] = y + 0.956 * u + 0.621 * v;
    g[k] = y - 0.272 * u - 0.647 * v;
    b[k] = y - 1.106 * u + 1.703 * v;
  }
}

/** Every pixel between two random inks by its luma: a duotone, a sepia print. */
export function duotone({ planes }: Canvas, random: Random): void {
  const [r, g, b] = planes;
  const grey = new Float32Array(r.length);
  for (let i = 0; i < r.length; i++) {
    grey[i] = 0.299 * (r[i] as number) + 0.587 * (g[i] as number) + 0.114 * (b[i] as number);
  }
  for (const plane of planes) {
    const dark = between(random, 0, 0.35);
    const light = between(random, 0.65, 1);
    for (let i = 0; i < plane.length; i++) plane[i] = dark + (light - dark) * (grey[i] as number);
  }
}

/** Red, green and blue change places at random. */
export function permuteChannels({ planes }: Canvas, random: Random): void {
  const order = random.shuffle([0, 1, 2]);
  const copies = planes.map((plane) => plane.slice());
  order.forEach((from, to) => {
    (planes[to] as Float32Array).set(copies[from] as Float32Array);
  });
}

/** Light and dark change places. */
export function invert({ planes }: Canvas): void {
  for (const plane of planes) for (let i = 0; i < plane.length; i++) plane[i] = 1 - (plane[i] as number);
}

/** Few steps: of each channel, or of the luma alone with the hue kept. @param levels steps, at least 2.
 *  @param softness 0 for hard steps, 1 for none. */
export function posterise({ planes }: Canvas, levels: number, byLuma: boolean, softness: number): void {
  const step = (value: number): number => {
    const scaled = Math.min(1, Math.max(0, value)) * (levels - 1);
    const flat = Math.round(scaled) / (levels - 1);
    return flat + softness * (value - flat);
  };
  const [r, g, b] = planes;
  if (!byLuma) {
    for (const plane of planes) for (let i = 0; i < plane.length; i++) plane[i] = step(plane[i] as number);
    return;
  }
  for (let i = 0; i < r.length; i++) {
    const grey = 0.299 * (r[i] as number) + 0.587 * (g[i] as number) + 0.114 * (b[i] as number);
    const gain = step(grey) / Math.max(0.02, grey);
    r[i] = (r[i] as number) * gain;
    g[i] = (g[i] as number) * gain;
    b[i] = (b[i] as number) * gain;
  }
}

/** Light and colour as another camera, lamp or palette would have them: contrast, gamma, saturation, a turn of hue, a
 *  tint, now and then grey or two inks only. @param amount 1 for the usual range. */
export function jitterCanvas(canvas: Canvas, random: Random, amount = 1): void {
  gamma(canvas, Math.exp(0.3 * amount * random.normal()));
  contrast(canvas, Math.exp(0.25 * amount * random.normal()), 0.06 * amount * random.normal());
  if (chance(random, 0.7)) saturate(canvas, Math.exp(0.45 * amount * random.normal()));
  if (chance(random, 0.5)) turnHue(canvas, 0.5 * amount * random.normal());
  if (chance(random, 0.5)) tint(canvas, random, amount);
  const plain = random.uniform();
  if (plain < 0.07 * amount) saturate(canvas, 0);
  else if (plain < 0.13 * amount) duotone(canvas, random);
}

function tint({ planes }: Canvas, random: Random, amount: number): void {
  for (const plane of planes) {
    const gain = Math.exp(0.12 * amount * random.normal());
    const shift = 0.03 * amount * random.normal();
    for (let i = 0; i < plane.length; i++) plane[i] = gain * (plane[i] as number) + shift;
  }
}
