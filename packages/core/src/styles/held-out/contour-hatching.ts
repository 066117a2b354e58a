import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom } from '../../random.js';
import { quantile } from '../filters/canny.js';
import { blurPlane } from '../filters/gaussian-blur.js';
import { colourGradient } from '../filters/gradient.js';
import { blankPaper, curveThrough, drawLine } from '../filters/pen.js';
import { greyImage, lumaPlane } from '../filters/plane.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** Shape by tone alone: many short pen strokes that lie along the form, dense in the darks, none in the lights, and no
 *  outline anywhere. Strength makes them fewer and coarser. */
export function contourHatching(image: RgbImage, options: StyleOptions): RgbImage {
  const random = createRandom(options.seed);
  const unit = Math.min(image.width, image.height) / 224;
  const strength = strengthOf(options);
  const luma = blurPlane(lumaPlane(image), 1.8 * unit);
  // Where there is no gradient of its own, the strokes follow that of the surroundings.
  const { nx, ny } = colourGradient([blurPlane(lumaPlane(image), 6 * unit)]);
  const low = quantile(luma.data, 0.02);
  const high = Math.max(low + 0.1, quantile(luma.data, 0.8));
  const paper = blankPaper(image.width, image.height);
  const strokes = Math.round((image.width * image.height) / (unit * unit * (8 + 18 * strength)));
  const width = unit * (0.8 + 0.7 * strength);
  for (let k = 0; k < strokes; k++) {
    const x = random.uniform() * image.width;
    const y = random.uniform() * image.height;
    const dark = (high - (luma.data[Math.floor(y) * image.width + Math.floor(x)] ?? 1)) / (high - low);
    if (random.uniform() > Math.min(1, Math.max(0, dark)) ** 1.6) continue;
    const half = unit * (3.5 + 4 * random.uniform());
    const line = strokeAlong(nx, ny, image, x, y, half);
    drawLine(paper, curveThrough(line, 2 * unit), { width, ink: 0.45 + 0.4 * random.uniform() });
  }
  return greyImage(paper);
}

/** Five points along the contours through a place. */
function strokeAlong(
  nx: Float32Array,
  ny: Float32Array,
  { width, height }: RgbImage,
  x: number,
  y: number,
  half: number,
): number[] {
  const arms = [-1, 1].map((sense) => {
    const arm: number[][] = [];
    let [u, v, dx, dy] = [x, y, 0, 0];
    for (let step = 0; step < 2; step++) {
      const row = Math.min(height - 1, Math.max(0, Math.floor(v)));
      const at = row * width + Math.min(width - 1, Math.max(0, Math.floor(u)));
      let [tx, ty] = [-(ny[at] ?? 0), nx[at] ?? 1];
      const same = step === 0 ? sense : Math.sign(tx * dx + ty * dy) || 1;
      [tx, ty] = [same * tx, same * ty];
      [dx, dy] = [tx, ty];
      u += (tx * half) / 2;
      v += (ty * half) / 2;
      arm.push([u, v]);
    }
    return arm;
  });
  const [back = [], ahead = []] = arms;
  return [...back.reverse().flat(), x, y, ...ahead.flat()];
}
