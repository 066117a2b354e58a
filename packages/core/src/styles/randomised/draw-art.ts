import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';
import { addNoise, addTexture, smearAlongContours } from './brush-marks.js';
import { between, type Canvas, chance, inkOver, lumaOf, oneOf, toPicture } from './canvas.js';
import {
  contrast,
  duotone,
  gamma,
  invert,
  permuteChannels,
  posterise,
  saturate,
  turnHue,
} from './colour-changes.js';
import { softBlur } from './fast-blur.js';
import { flattenAreas } from './flatten-areas.js';
import { inkLines, thicken, wipeSpecks } from './ink-lines.js';
import { levelAt } from './level-at.js';
import { mixAmplitudes } from './mix-amplitudes.js';
import { moveColours, pictureColours } from './move-colours.js';
import { randomConvolution } from './random-convolution.js';
import { onPaper } from './subject-on-paper.js';
import { warped } from './warp-query.js';

/** A painting, print or cartoon of a photo in a manner drawn anew: a chain of steps, each taken or left by chance, so
 *  that no two pictures have one hand. Same size as the photo. The same stream gives the same bytes.
 *  @param paintings lend their colours, their coarse amplitudes and their grain; without any, those steps are left. */
export function drawArt(photo: RgbImage, random: Random, paintings: readonly RgbImage[] = []): RgbImage {
  const unit = Math.min(photo.width, photo.height) / 160;
  const canvas = warped(photo, random, { amount: between(random, 0.2, 1) });
  const outlines = chance(random, 0.4) ? outlinesOf(canvas, random, unit) : undefined;
  simplify(canvas, random, unit);
  recolour(canvas, random, paintings);
  if (chance(random, 0.3)) posterise(canvas, 3 + random.integer(6), chance(random, 0.5), softness(random));
  if (chance(random, 0.3)) randomConvolution(canvas, random);
  if (chance(random, 0.25)) smearAlongContours(canvas, random, unit);
  if (paintings.length > 0 && chance(random, 0.5)) addTexture(canvas, oneOf(random, paintings), random);
  keepContrast(canvas);
  if (outlines) inkOver(canvas, outlines);
  if (chance(random, 0.15)) onPaper(canvas, random);
  finish(canvas, random);
  return toPicture(canvas);
}

/** A picture that has become nearly flat is stretched again, so that there is something to see. */
function keepContrast(canvas: Canvas): void {
  const luma = lumaOf(canvas).data;
  const dark = levelAt(luma, 0.03);
  const range = levelAt(luma, 0.97) - dark;
  if (range >= LEAST_RANGE) return;
  const gain = LEAST_RANGE / Math.max(0.05, range);
  const middle = dark + range / 2;
  const shown = Math.min(0.75, Math.max(0.25, middle));
  for (const plane of canvas.planes) {
    for (let i = 0; i < plane.length; i++) plane[i] = shown + gain * ((plane[i] as number) - middle);
  }
}

const LEAST_RANGE = 0.45;

const softness = (random: Random): number => (chance(random, 0.5) ? 0 : 0.3 * random.uniform());

/** Areas run together: by Kuwahara's filter once or twice, or by a blur. */
function simplify(canvas: Canvas, random: Random, unit: number): void {
  const choice = random.uniform();
  if (choice < 0.7) {
    const radius = Math.max(1, Math.round(unit * (1 + random.integer(4))));
    flattenAreas(canvas, radius);
    if (chance(random, 0.5)) flattenAreas(canvas, Math.max(1, radius - random.integer(2)));
  } else if (choice < 0.82) {
    const sigma = unit * between(random, 0.6, 2);
    for (const plane of canvas.planes) {
      plane.set(softBlur({ width: canvas.width, height: canvas.height, data: plane }, sigma).data);
    }
  }
}

function recolour(canvas: Canvas, random: Random, paintings: readonly RgbImage[]): void {
  if (paintings.length > 0 && chance(random, 0.5)) {
    moveColours(canvas, pictureColours(oneOf(random, paintings)), between(random, 0.5, 1));
  }
  if (paintings.length > 0 && chance(random, 0.3)) mixAmplitudes(canvas, oneOf(random, paintings), random);
  if (chance(random, 0.25)) permuteChannels(canvas, random);
  if (chance(random, 0.12)) invert(canvas);
  if (chance(random, 0.4)) turnHue(canvas, 0.6 * random.normal());
  // Cartoons and prints are livelier than photos, old paintings duller.
  if (chance(random, 0.6)) saturate(canvas, between(random, 0.3, 2.6));
}

/** Dark outlines: thin or thick, of one ink, found on the photo before it was painted over. */
function outlinesOf(canvas: Canvas, random: Random, unit: number) {
  const luma = softBlur(lumaOf(canvas), unit * between(random, 0.4, 1.6));
  const kind = oneOf(random, ['difference', 'difference', 'sobel', 'xdog'] as const);
  const lines = inkLines(luma, kind, random, unit, between(random, 0.05, 0.16));
  wipeSpecks(lines, Math.round(unit * unit * between(random, 4, 30)));
  const thick = chance(random, 0.35) ? thicken(lines, 1) : lines;
  const lightest = between(random, 0, 0.45);
  const data = thick.data.map((v) => lightest + (1 - lightest) * v);
  return softBlur({ ...thick, data }, chance(random, 0.5) ? 0.5 * unit : 0);
}

function finish(canvas: Canvas, random: Random): void {
  if (chance(random, 0.5)) gamma(canvas, Math.exp(0.35 * random.normal()));
  if (chance(random, 0.5)) contrast(canvas, Math.exp(0.25 * random.normal()), 0.06 * random.normal());
  if (chance(random, 0.35)) addNoise(canvas, random);
  const plain = random.uniform();
  if (plain < 0.08) saturate(canvas, 0);
  else if (plain < 0.13) duotone(canvas, random);
}
