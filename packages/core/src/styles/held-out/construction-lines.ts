import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom, type Random } from '../../random.js';
import { cannyEdges, quantile } from '../filters/canny.js';
import { blurPlane } from '../filters/gaussian-blur.js';
import { colourGradient } from '../filters/gradient.js';
import { blankPaper, drawLine, lineLength } from '../filters/pen.js';
import { channelPlanes, greyImage, type Plane } from '../filters/plane.js';
import { joinStrokes, type Polyline, simplifyLine, traceContours } from '../filters/trace-contours.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** A draughtsman's construction: every contour broken into straight thin strokes, each drawn two or three times over,
 *  past its corners and never quite on top of the last. Strength makes it rougher. */
export function constructionLines(image: RgbImage, options: StyleOptions): RgbImage {
  const random = createRandom(options.seed);
  const unit = Math.min(image.width, image.height) / 224;
  const strength = strengthOf(options);
  const paper = blankPaper(image.width, image.height);
  for (const contour of contoursOf(image, unit, strength)) {
    const corners = simplifyLine(contour, (2.2 + 3 * strength) * unit);
    for (let k = 0; k + 3 < corners.length; k += 2) {
      const [ax = 0, ay = 0, bx = 0, by = 0] = corners.slice(k, k + 4);
      const times = 2 + (random.uniform() < 0.35 ? 1 : 0);
      for (let pass = 0; pass < times; pass++) ruled(paper, [ax, ay, bx, by], unit, strength, random);
    }
  }
  return greyImage(paper);
}

function contoursOf(image: RgbImage, unit: number, strength: number): Polyline[] {
  const { width, height } = image;
  const planes = channelPlanes(image).map((plane) => blurPlane(plane, (1.6 + strength) * unit));
  const gradient = colourGradient(planes);
  const { data } = gradient.magnitude;
  const high = Math.max(0.5, quantile(data, 0.93));
  const mask = cannyEdges(gradient, data, Math.max(0.25, quantile(data, 0.82)), high);
  const lines = joinStrokes(traceContours(mask, width, height, 6), 6 * unit);
  const long = lines.filter((line) => lineLength(line) >= (14 + 14 * strength) * unit);
  return long.sort((a, b) => b.length - a.length).slice(0, Math.round(60 - 25 * strength));
}

function ruled(
  paper: Plane,
  [ax, ay, bx, by]: readonly [number, number, number, number],
  unit: number,
  strength: number,
  random: Random,
): void {
  const length = Math.hypot(bx - ax, by - ay);
  if (length < 2 * unit) return;
  const [dx, dy] = [(bx - ax) / length, (by - ay) / length];
  const past = () => unit * (2 + 4 * strength) * random.uniform() + 0.06 * length * random.uniform();
  const off = () => unit * (0.5 + 0.6 * strength) * random.normal();
  const [before, after] = [past(), past()];
  drawLine(
    paper,
    [ax - dx * before + off(), ay - dy * before + off(), bx + dx * after + off(), by + dy * after + off()],
    { width: unit * 0.9, ink: 0.4 + 0.35 * random.uniform() },
  );
}
