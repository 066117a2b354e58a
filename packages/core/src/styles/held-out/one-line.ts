import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom, type Random } from '../../random.js';
import { blurPlane } from '../filters/gaussian-blur.js';
import { colourGradient } from '../filters/gradient.js';
import { blankPaper, curveThrough, drawLine } from '../filters/pen.js';
import { channelPlanes, greyImage, type Plane } from '../filters/plane.js';
import { saliencyMap } from '../filters/saliency.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** One unbroken line that visits the edges of what stands out and crosses empty space to get there, as people draw
 *  without lifting the pen. Strength leaves it fewer places to visit. */
export function oneLine(image: RgbImage, options: StyleOptions): RgbImage {
  const random = createRandom(options.seed);
  const unit = Math.min(image.width, image.height) / 224;
  const strength = strengthOf(options);
  const places = placesToVisit(image, unit, Math.round(520 - 260 * strength), random);
  const tour = shorten(nearestFirst(places), 6);
  const paper = blankPaper(image.width, image.height);
  const line = tour.flat();
  drawLine(paper, curveThrough(line, 2 * unit), { width: unit * (1.3 + 1.2 * random.uniform()) });
  return greyImage(paper);
}

type Place = readonly [number, number];

/** The steepest places, strongest first, none nearer to another than some pixels. */
function placesToVisit(image: RgbImage, unit: number, count: number, random: Random): Place[] {
  const planes = channelPlanes(image).map((plane) => blurPlane(plane, 1.8 * unit));
  const { magnitude } = colourGradient(planes);
  const saliency = saliencyMap(image);
  const worth = magnitude.data.map(
    (m, i) => m * (0.3 + (saliency.data[i] ?? 0)) * (0.8 + 0.4 * random.uniform()),
  );
  const order = Array.from({ length: worth.length }, (_, i) => i)
    .filter((i) => isCrest({ ...magnitude, data: worth }, i))
    .sort((a, b) => (worth[b] ?? 0) - (worth[a] ?? 0));
  const gap = 3.6 * unit;
  const taken = new Map<string, Place>();
  const places: Place[] = [];
  for (const i of order) {
    if (places.length >= count) break;
    const place: Place = [i % image.width, Math.floor(i / image.width)];
    const key = `${Math.round(place[0] / gap)} ${Math.round(place[1] / gap)}`;
    if (taken.has(key)) continue;
    taken.set(key, place);
    places.push(place);
  }
  return places;
}

function isCrest({ width, height, data }: Plane, i: number): boolean {
  const x = i % width;
  const y = (i - x) / width;
  if (x < 1 || y < 1 || x >= width - 1 || y >= height - 1) return false;
  const here = data[i] ?? 0;
  const across = here >= (data[i - 1] ?? 0) && here >= (data[i + 1] ?? 0);
  const down = here >= (data[i - width] ?? 0) && here >= (data[i + width] ?? 0);
  return here > 0.4 && (across || down);
}

function nearestFirst(places: readonly Place[]): Place[] {
  const left = [...places];
  const tour: Place[] = left.splice(0, 1);
  while (left.length > 0) {
    const [x, y] = tour.at(-1) ?? [0, 0];
    let best = 0;
    let least = Infinity;
    for (const [k, [u, v]] of left.entries()) {
      const d = (u - x) ** 2 + (v - y) ** 2;
      if (d < least) {
        least = d;
        best = k;
      }
    }
    tour.push(...left.splice(best, 1));
  }
  return tour;
}

/** Croes' 2-opt of 1958: turns a stretch of the way round where that makes it shorter. */
function shorten(tour: Place[], rounds: number): Place[] {
  const far = (a: number, b: number): number => {
    const [p, q] = [tour[a] ?? [0, 0], tour[b] ?? [0, 0]];
    return Math.hypot(p[0] - q[0], p[1] - q[1]);
  };
  for (let round = 0; round < rounds; round++) {
    let changed = false;
    for (let i = 0; i + 2 < tour.length; i++) {
      for (let j = i + 2; j + 1 < tour.length; j++) {
        if (far(i, j) + far(i + 1, j + 1) >= far(i, i + 1) + far(j, j + 1) - 1e-9) continue;
        tour.splice(i + 1, j - i, ...tour.slice(i + 1, j + 1).reverse());
        changed = true;
      }
    }
    if (!changed) break;
  }
  return tour;
}
