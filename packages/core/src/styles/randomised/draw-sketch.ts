import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';
import { emptyPlane, greyImage, type Plane } from '../filters/plane.js';
import { between, type Canvas, chance, lumaOf, oneOf, toPicture } from './canvas.js';
import { softBlur } from './fast-blur.js';
import { flattenAreas } from './flatten-areas.js';
import { inkLines, type LineKind, thicken, wipeSpecks } from './ink-lines.js';
import { smoothNoise, whiteNoise } from './smooth-noise.js';
import { roughEllipse } from './subject-on-paper.js';
import { warped } from './warp-query.js';

const KINDS: readonly LineKind[] = [
  'difference',
  'difference',
  'xdog',
  'sobel',
  'sobel',
  'thin',
  'thin',
  'thin',
  'ridge',
];

/** A line drawing of a photo by a hand drawn anew: how calm the eye, which lines, how wide and how many, what is left
 *  out, how soft the pen. Grey on white as a rule, now and then on tinted or dark paper. Same size as the photo. */
export function drawSketch(photo: RgbImage, random: Random): RgbImage {
  const unit = Math.min(photo.width, photo.height) / 160;
  const canvas = warped(photo, random, { amount: between(random, 0.4, 1.5) });
  const luma = seenLight(canvas, random, unit);
  let paper = inkLines(luma, oneOf(random, KINDS), random, unit, between(random, 0.04, 0.15));
  if (chance(random, 0.25)) {
    const second = inkLines(luma, oneOf(random, KINDS), random, unit, between(random, 0.02, 0.06));
    paper = darker(paper, second);
  }
  if (chance(random, 0.7)) wipeSpecks(paper, Math.round(unit * unit * 2 ** between(random, 2.5, 6.5)));
  if (chance(random, 0.4)) paper = thicken(paper, 1 + (chance(random, 0.3) ? 1 : 0));
  if (chance(random, 0.2)) addShade(paper, luma, random);
  const whole = paper.data.slice();
  if (chance(random, 0.5)) leaveOut(paper, random);
  if (chance(random, 0.4)) keepMiddle(paper, random);
  // Nobody sends an empty sheet: where hardly a quarter of the ink is left, all of it comes back.
  if (inkOf(paper.data) < 0.25 * inkOf(whole)) paper.data.set(whole);
  paper = softBlur(paper, chance(random, 0.6) ? unit * between(random, 0.3, 1.1) : 0);
  return onSheet(pressed(paper, random), random);
}

function inkOf(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += 1 - (data[i] as number);
  return sum;
}

/** What the draughtsman sees: brightness in a random mixing of the colours, details gone by chance. */
function seenLight(canvas: Canvas, random: Random, unit: number): Plane {
  if (chance(random, 0.6)) flattenAreas(canvas, Math.max(1, Math.round(unit * (1 + random.integer(4)))));
  if (chance(random, 0.25)) flattenAreas(canvas, Math.max(1, Math.round(unit * 3)));
  const luma = chance(random, 0.6) ? lumaOf(canvas) : randomMix(canvas, random);
  return softBlur(luma, unit * (chance(random, 0.5) ? between(random, 0.3, 1.6) : 0));
}

function randomMix({ width, height, planes }: Canvas, random: Random): Plane {
  const weights = planes.map(() => random.uniform());
  const total = Math.max(
    0.1,
    weights.reduce((sum, w) => sum + w, 0),
  );
  const mix = emptyPlane(width, height);
  planes.forEach((plane, c) => {
    const w = (weights[c] as number) / total;
    for (let i = 0; i < plane.length; i++) mix.data[i] = (mix.data[i] as number) + w * (plane[i] as number);
  });
  return mix;
}

function darker(a: Plane, b: Plane): Plane {
  const data = a.data.slice();
  for (let i = 0; i < data.length; i++) data[i] = Math.min(data[i] as number, b.data[i] as number);
  return { ...a, data };
}

/** A soft grey tone where the photo is dark, in place. */
function addShade(paper: Plane, luma: Plane, random: Random): void {
  const depth = between(random, 0.15, 0.5);
  const from = between(random, 0.3, 0.7);
  for (let i = 0; i < paper.data.length; i++) {
    const shade = Math.max(0, from - (luma.data[i] as number)) / from;
    paper.data[i] = (paper.data[i] as number) * (1 - depth * shade);
  }
}

/** Parts that the next person would not draw: ink fades where smooth noise is high, in place. */
function leaveOut(paper: Plane, random: Random): void {
  const { width, height, data } = paper;
  const noise = smoothNoise(width, height, Math.min(width, height) * between(random, 0.06, 0.3), random).data;
  const level = between(random, -0.1, 0.8);
  const slope = between(random, 3, 12);
  for (let i = 0; i < data.length; i++) {
    const kept = Math.min(1, Math.max(0, 0.5 - slope * ((noise[i] as number) - level)));
    data[i] = 1 - kept * (1 - (data[i] as number));
  }
}

/** Only what lies in an uneven ellipse is drawn, in place. */
function keepMiddle(paper: Plane, random: Random): void {
  const mask = roughEllipse(paper.width, paper.height, [0.6, 1.1], between(random, 0.02, 0.3), random).data;
  const { data } = paper;
  for (let i = 0; i < data.length; i++) data[i] = 1 - (mask[i] as number) * (1 - (data[i] as number));
}

/** The pen's pressure: how dark it is at all, how it changes along the way, and the paper's tooth. */
function pressed(paper: Plane, random: Random): Plane {
  const { width, height } = paper;
  const ink = between(random, 0.55, 1);
  const change = chance(random, 0.5) ? between(random, 0.1, 0.4) : 0;
  const tooth = chance(random, 0.25) ? between(random, 0.15, 0.8) : 0;
  const slow = smoothNoise(width, height, Math.min(width, height) / 5, random).data;
  const grain = whiteNoise(paper.data.length, 0.58 * tooth, random);
  const data = new Float32Array(paper.data.length);
  for (let i = 0; i < data.length; i++) {
    const pressure = ink * (1 + change * (slow[i] as number)) * (1 - Math.abs(grain[i] as number));
    data[i] = 1 - (1 - (paper.data[i] as number)) * Math.min(1, Math.max(0, pressure));
  }
  return { width, height, data };
}

/** White paper nine times in ten; else tinted paper and coloured ink, or chalk on black. */
function onSheet(paper: Plane, random: Random): RgbImage {
  const sheet = random.uniform();
  if (sheet < 0.9) return greyImage(paper);
  if (sheet < 0.94) return greyImage({ ...paper, data: paper.data.map((v) => 1 - v) });
  const inks = [0, 1, 2].map(() => [between(random, 0.7, 1), between(random, 0, 0.45)] as const);
  const planes = inks.map(([light, dark]) => paper.data.map((v) => dark + v * (light - dark)));
  const [r = paper.data, g = paper.data, b = paper.data] = planes;
  return toPicture({ width: paper.width, height: paper.height, planes: [r, g, b] });
}
