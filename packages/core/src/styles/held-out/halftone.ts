import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom } from '../../random.js';
import { gaussianBlur } from '../filters/gaussian-blur.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** Screens of a four-colour print: what each ink takes out of red, green and blue, and the angle of its dots. */
const INKS = [
  { takes: [1, 0.25, 0.06], angle: 15 },
  { takes: [0.1, 0.95, 0.3], angle: 75 },
  { takes: [0.02, 0.1, 0.95], angle: 0 },
  { takes: [0.92, 0.92, 0.92], angle: 45 },
] as const;

/** A cheap comic's print: round dots of four inks on yellowish paper, each screen turned its own way and a little out of
 *  register. Strength makes the dots larger. */
export function halftonePrint(image: RgbImage, options: StyleOptions): RgbImage {
  const random = createRandom(options.seed);
  const unit = Math.min(image.width, image.height) / 224;
  const pitch = unit * (3.6 + 5 * strengthOf(options)) * (0.9 + 0.2 * random.uniform());
  const calm = gaussianBlur(image, Math.max(0.5, pitch * 0.4));
  const paper = [250, 243 + 6 * random.uniform(), 222 + 20 * random.uniform()];
  const light = Float32Array.from({ length: image.data.length }, () => 1);
  for (const [ink, { takes, angle }] of INKS.entries()) {
    const turn = ((angle + 4 * random.normal()) * Math.PI) / 180;
    const screen = {
      cos: Math.cos(turn) / pitch,
      sin: Math.sin(turn) / pitch,
      phase: random.uniform(),
      shiftX: Math.round(0.6 * unit * random.normal()),
      shiftY: Math.round(0.6 * unit * random.normal()),
    };
    printInk(calm, light, ink, takes, screen, pitch);
  }
  const data = new Uint8ClampedArray(light.length);
  for (let p = 0; p < data.length; p++) data[p] = (paper[p % 3] ?? 0) * (light[p] ?? 0);
  return { ...image, data: new Uint8Array(data.buffer) };
}

interface Screen {
  readonly cos: number;
  readonly sin: number;
  readonly phase: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

function printInk(
  image: RgbImage,
  light: Float32Array,
  ink: number,
  takes: readonly [number, number, number],
  { cos, sin, phase, shiftX, shiftY }: Screen,
  pitch: number,
): void {
  const { width, height } = image;
  for (let y = 0; y < height; y++) {
    const fromY = Math.min(height - 1, Math.max(0, y + shiftY)) * width;
    for (let x = 0; x < width; x++) {
      const from = (fromY + Math.min(width - 1, Math.max(0, x + shiftX))) * 3;
      const amount = inkAmount(image.data, from, ink);
      if (amount <= 0.02) continue;
      const u = x * cos + y * sin + phase;
      const v = -x * sin + y * cos + phase;
      const [du, dv] = [u - Math.floor(u) - 0.5, v - Math.floor(v) - 0.5];
      // A dot of radius r covers πr² of its cell; darker than π/4 the dots run together.
      const radius = Math.sqrt(amount / Math.PI) * (1 + 0.25 * amount);
      const cover = Math.min(1, Math.max(0, (radius - Math.sqrt(du * du + dv * dv)) * pitch + 0.5));
      if (cover <= 0) continue;
      const p = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) light[p + c] = (light[p + c] ?? 1) * (1 - cover * (takes[c] ?? 0));
    }
  }
}

/** Cyan, magenta, yellow, black of a pixel, 0 to 1, black taken out of the other three. */
function inkAmount(data: Uint8Array, p: number, ink: number): number {
  const [r, g, b] = [(data[p] ?? 0) / 255, (data[p + 1] ?? 0) / 255, (data[p + 2] ?? 0) / 255];
  const black = 0.85 * (1 - Math.max(r, g, b));
  if (ink === 3) return black;
  return (1 - ([r, g, b][ink] ?? 0) - black) / (1 - black);
}
