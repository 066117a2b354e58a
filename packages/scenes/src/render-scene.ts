import { createRandom, type Random } from '@freestyle/core';
import { type RgbImage, rasteriseOwnSvg } from '@freestyle/core/image';
import { tremble } from '@freestyle/core/styles';
import { COLOURS } from './colours.js';
import type { SceneDescription, SceneGroup } from './describe-scene.js';
import { createSceneCanvas, form, type SceneCanvas, type SceneMode } from './scene-canvas.js';
import type { SceneSubject } from './subject.js';

/** Draws a scene in one of its three modes, 400 × 300 pixels. */
export async function renderScene(scene: SceneDescription, mode: SceneMode): Promise<RgbImage> {
  const image = await rasteriseOwnSvg(sceneSvg(scene, mode));
  if (mode === 'photo') return develop(image, scene.seed);
  return mode === 'sketch' ? tremble(image, 2.4, 34, createRandom(`hand ${scene.seed}`)) : image;
}

/** The scene as an SVG document. */
export function sceneSvg(scene: SceneDescription, mode: SceneMode): string {
  const canvas = createSceneCanvas({ mode, seed: scene.seed, night: scene.time === 'night' });
  // One stream per part, so that each mode places everything alike.
  const random = createRandom(`draw ${scene.seed}`);
  scene.setting.draw(
    canvas,
    { time: scene.time, overcast: scene.weather !== 'clear' },
    random.fork('setting'),
  );
  const main = random.fork('main');
  const spots = spotsFor(scene, main).sort((a, b) => a.y - b.y);
  if (scene.companion !== undefined)
    drawCompanion(canvas, scene, scene.companion, spots, random.fork('companion'));
  drawGroup(canvas, scene, spots, main);
  drawWeather(canvas, scene, random.fork('weather'));
  return canvas.toSvg();
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const flies = (subject: SceneSubject): boolean => subject.places.every((place) => place === 'air');

function drawThing(canvas: SceneCanvas, group: SceneGroup, spot: Spot, flip: boolean, random: Random): void {
  const { subject } = group;
  const colour = COLOURS[group.colour ?? 'grey'];
  if (!flies(subject)) {
    const half = (subject.width / 2) * spot.scale;
    const floats = subject.places.includes('water');
    const [water, land] = ['#0d2c44', '#14120c'];
    canvas.halo(
      spot.x + half * 0.2,
      spot.y + (floats ? 5 : 1),
      half * 1.45,
      half * 0.22 + 4,
      floats ? water : land,
      0.6,
    );
  }
  canvas.within(spot.x, spot.y, spot.scale, flip, () => subject.draw(canvas, colour, random));
}

function drawGroup(
  canvas: SceneCanvas,
  { main }: SceneDescription,
  spots: readonly Spot[],
  random: Random,
): void {
  const flip = random.uniform() < 0.5;
  for (const spot of spots) drawThing(canvas, main, spot, flip !== random.uniform() < 0.15, random);
}

function spotsFor({ main, setting }: SceneDescription, random: Random): Spot[] {
  const { subject, count } = main;
  // Fewer things, drawn larger.
  const crowd = [1.28, 1.04, 0.88, 0.8, 0.72][count - 1] ?? 0.7;
  const scale = (subject.size / subject.height) * crowd * (0.92 + 0.16 * random.uniform());
  const lane = 400 / count;
  return Array.from({ length: count }, (_, i) => {
    const slack = Math.max(0, lane - subject.width * scale) * 0.5;
    const x = lane * (i + 0.5) + (random.uniform() - 0.5) * (count === 1 ? 150 : slack * 1.6);
    return place(subject, setting.horizon, x, scale, random);
  });
}

function place(subject: SceneSubject, horizon: number, x: number, scale: number, random: Random): Spot {
  const half = (subject.width / 2) * scale;
  const inside = Math.min(396 - half, Math.max(4 + half, x));
  if (flies(subject)) {
    const tall = subject.height * scale;
    return {
      x: inside,
      y: Math.min(horizon + 20, tall + 10 + random.uniform() * Math.max(20, horizon - tall)),
      scale,
    };
  }
  const depth = 300 - horizon;
  const [near, far] =
    subject.stands === 'back' ? [0.4, 0.12] : subject.stands === 'front' ? [0.92, 0.7] : [0.88, 0.45];
  const y = horizon + depth * (far + (near - far) * random.uniform());
  // Nothing grows out of the picture.
  return { x: inside, y, scale: Math.min(scale, (y - 6) / subject.height) };
}

function drawCompanion(
  canvas: SceneCanvas,
  scene: SceneDescription,
  group: SceneGroup,
  taken: readonly Spot[],
  random: Random,
): void {
  const { subject } = group;
  const { horizon } = scene.setting;
  const indoors = subject.places.includes('table');
  const scale = (subject.size / subject.height) * (indoors ? 0.8 : 0.46);
  const x = freePlace((subject.width / 2) * scale, taken, random);
  const y = flies(subject)
    ? 60 + subject.height * scale * 0.5 + random.uniform() * 30
    : horizon + (indoors ? 16 : 10);
  drawThing(canvas, group, { x, y, scale }, random.uniform() < 0.5, random);
}

// Of a few places by chance, the one farthest from the main things.
function freePlace(half: number, taken: readonly Spot[], random: Random): number {
  const places = Array.from({ length: 5 }, () => 6 + half + random.uniform() * (388 - 2 * half));
  const room = (x: number): number => Math.min(...taken.map((spot) => Math.abs(spot.x - x)), 400);
  return places.reduce((best, x) => (room(x) > room(best) ? x : best));
}

function drawWeather(canvas: SceneCanvas, { time, weather }: SceneDescription, random: Random): void {
  if (time === 'night') canvas.veil('#0b1a48', 0.46);
  if (time === 'sunset') canvas.veil('#f07f36', 0.15);
  if (weather === 'fog') {
    canvas.veil('#e4e8ea', 0.42);
    canvas.light('M-20 90q120 -40 220 0t220 -10v130q-120 30 -220 0t-220 10Z', '#f2f4f5', 0.55, 22);
  }
  if (weather === 'rain') {
    canvas.veil('#5d6b78', 0.3);
    for (let i = 0; i < 130; i++) {
      const [x, y] = [random.uniform() * 420, random.uniform() * 290];
      const length = 9 + random.uniform() * 10;
      canvas.line(form.polyline(x, y, x - length * 0.3, y + length), '#e8f0f6', 1.1, {
        opacity: 0.6,
        minor: true,
      });
    }
  }
  if (weather === 'snowfall') {
    for (let i = 0; i < 120; i++) {
      const r = 0.8 + random.uniform() * 2.2;
      canvas.shape(form.ellipse(random.uniform() * 400, random.uniform() * 300, r), '#ffffff', {
        soft: true,
        shading: 'flat',
        opacity: 0.9,
      });
    }
  }
}

// What a camera adds: darker corners and a little grain.
function develop(image: RgbImage, seed: number): RgbImage {
  const { width, height } = image;
  const data = new Uint8ClampedArray(image.data.length);
  let state = (Math.imul(seed, 2654435761) ^ 0x5bd1e995) | 1;
  for (let y = 0, p = 0; y < height; y++) {
    const v = (2 * y) / height - 1;
    for (let x = 0; x < width; x++, p += 3) {
      const u = (2 * x) / width - 1;
      const vignette = 1 - 0.045 * (u * u + v * v) ** 2;
      // Marsaglia's xorshift: enough for grain, and far cheaper than a good generator.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const grain = ((state & 255) + ((state >>> 8) & 255)) / 32 - 8;
      for (let c = 0; c < 3; c++) data[p + c] = (image.data[p + c] ?? 0) * vignette + grain;
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
