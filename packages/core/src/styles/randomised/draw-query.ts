import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom, type Random } from '../../random.js';
import { toPicture } from './canvas.js';
import { jitterCanvas } from './colour-changes.js';
import { drawArt } from './draw-art.js';
import { drawLowRes } from './draw-low-res.js';
import { drawSketch } from './draw-sketch.js';
import { warped } from './warp-query.js';

/** The kinds of query picture that training draws anew. */
export type DrawnKind = 'art' | 'sketch' | 'lowres' | 'colour';

/** How often each kind is drawn; the shares need not add up to 1. */
export type DrawnShares = Readonly<Record<DrawnKind, number>>;

/** Of a trial that learned all styles at once: as much art as the other three but for sketches need. */
export const USUAL_SHARES: DrawnShares = { art: 0.46, sketch: 0.32, lowres: 0.14, colour: 0.08 };

export interface DrawQueryOptions {
  /** Pictures that lend their colours and grain to drawn art: real paintings of the training split. */
  readonly paintings?: readonly RgbImage[];
  readonly shares?: DrawnShares;
}

/** The photo in other light and colour, moved a little. */
export const jitterColours: (photo: RgbImage, random: Random) => RgbImage = (photo, random) => {
  const canvas = warped(photo, random, { amount: 0.5 });
  jitterCanvas(canvas, random);
  return toPicture(canvas);
};

/** A query picture that was drawn, and of which kind. */
export interface DrawnQuery {
  readonly kind: DrawnKind;
  readonly image: RgbImage;
}

/** A photo of which a query picture is wanted. */
export interface DrawTask {
  readonly photo: RgbImage;
  /** The same seed gives the same picture. */
  readonly seed: string;
  /** Drawn by chance where left out. */
  readonly kind?: DrawnKind;
}

/** Draws what a task asks for. */
export function drawTask({ photo, seed, kind }: DrawTask, options: DrawQueryOptions = {}): DrawnQuery {
  const random = createRandom(seed);
  if (kind === undefined) return drawQuery(photo, random, options);
  return { kind, image: drawOf(kind, photo, random, options.paintings) };
}

/** Draws one kind of query picture of a photo, or a kind by chance; same size, the photo stays as it is. The same
 *  stream gives the same bytes. */
export function drawQuery(
  photo: RgbImage,
  random: Random,
  { paintings = [], shares = USUAL_SHARES }: DrawQueryOptions = {},
): DrawnQuery {
  const kind = drawKind(random, shares);
  return { kind, image: drawOf(kind, photo, random, paintings) };
}

/** A picture of the kind told. */
export function drawOf(
  kind: DrawnKind,
  photo: RgbImage,
  random: Random,
  paintings: readonly RgbImage[] = [],
): RgbImage {
  switch (kind) {
    case 'art':
      return drawArt(photo, random, paintings);
    case 'sketch':
      return drawSketch(photo, random);
    case 'lowres':
      return drawLowRes(photo, random);
    case 'colour':
      return jitterColours(photo, random);
  }
}

function drawKind(random: Random, shares: DrawnShares): DrawnKind {
  const kinds = ['art', 'sketch', 'lowres', 'colour'] as const;
  let left = random.uniform() * kinds.reduce((sum, kind) => sum + shares[kind], 0);
  for (const kind of kinds) {
    left -= shares[kind];
    if (left < 0) return kind;
  }
  return 'colour';
}
