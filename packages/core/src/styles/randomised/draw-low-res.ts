import { cropResize } from '../../image/crop-resize.js';
import { pilResize } from '../../image/pil-resize.js';
import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';
import { enlargeNearest } from '../lowres.js';
import { between, chance, toCanvas, toPicture } from './canvas.js';
import { jitterCanvas } from './colour-changes.js';
import { softBlur } from './fast-blur.js';
import { throughJpeg } from './through-jpeg.js';

/** A poor copy of a photo: 6 to 28 cells a side, blown up again in squares or smoothly, or a blur; now and then through
 *  a hard JPEG, with other light, a little cut. Same size as the photo. */
export function drawLowRes(photo: RgbImage, random: Random): RgbImage {
  const { width, height } = photo;
  const cut = chance(random, 0.5) ? trimmed(photo, random) : photo;
  let picture = chance(random, 0.8) ? fewCells(cut, random) : blurred(cut, random);
  if (chance(random, 0.25)) {
    const canvas = toCanvas(picture);
    jitterCanvas(canvas, random, 0.4);
    picture = toPicture(canvas);
  }
  if (chance(random, 0.35)) picture = throughJpeg(picture, 5 + random.integer(40));
  return picture.width === width && picture.height === height
    ? picture
    : enlargeNearest(picture, width, height);
}

function trimmed(photo: RgbImage, random: Random): RgbImage {
  const width = photo.width * between(random, 0.85, 1);
  const height = photo.height * between(random, 0.85, 1);
  const x = random.uniform() * (photo.width - width);
  const y = random.uniform() * (photo.height - height);
  return cropResize(photo, { x, y, width, height }, photo.width, photo.height);
}

function fewCells(photo: RgbImage, random: Random): RgbImage {
  // Few cells as often as many: even in the logarithm.
  const cells = 6 * (28 / 6) ** random.uniform();
  const columns = Math.max(1, Math.round(cells));
  const rows = chance(random, 0.6) ? columns : Math.max(1, Math.round(cells * between(random, 0.65, 1.5)));
  const whole = { x: 0, y: 0, width: photo.width, height: photo.height };
  const small = cropResize(photo, whole, columns, rows);
  return chance(random, 0.6)
    ? enlargeNearest(small, photo.width, photo.height)
    : pilResize(small, photo.width, photo.height, 'bicubic');
}

function blurred(photo: RgbImage, random: Random): RgbImage {
  const { width, height } = photo;
  const sigma = Math.min(width, height) * between(random, 0.01, 0.055);
  const [r, g, b] = toCanvas(photo).planes.map((data) => softBlur({ width, height, data }, sigma).data);
  return r && g && b ? toPicture({ width, height, planes: [r, g, b] }) : photo;
}
