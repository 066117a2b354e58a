import type { RgbImage } from '../../../image/rgb-image.js';
import { createRandom } from '../../../random.js';
import type { DrawPool } from '../../../styles/randomised/draw-pool.js';
import type { DrawnKind, DrawTask } from '../../../styles/randomised/draw-query.js';
import type { EyeCorpus, PictureSource } from './corpus.js';
import { mirrored } from './mirrored.js';

/** A query picture to be drawn. */
export interface DrawPlan {
  /** Place of the photo in the gallery. */
  readonly photo: number;
  readonly kind: DrawnKind;
  readonly mirrored: boolean;
  readonly seed: string;
}

/** Sketches come most: they are the furthest from what a trunk has learned on photos. */
const SHARES: readonly (readonly [DrawnKind, number])[] = [
  ['art', 0.2],
  ['sketch', 0.54],
  ['lowres', 0.18],
  ['colour', 0.08],
];

/** Plans drawn pictures: each photo as often as any other, in an order of its own in every round. */
export function planDrawn(corpus: Pick<EyeCorpus, 'photos'>, count: number, seed: number): DrawPlan[] {
  const random = createRandom(`${seed}:drawn`);
  const plans: DrawPlan[] = [];
  let order: number[] = [];
  for (let index = 0; index < count; index++) {
    if (order.length === 0) order = random.shuffle(corpus.photos.map((_, photo) => photo));
    const photo = order.pop() ?? 0;
    plans.push({
      photo,
      kind: drawKind(random.uniform()),
      mirrored: random.uniform() < 0.5,
      seed: `${seed}:drawn:${index}`,
    });
  }
  return plans;
}

function drawKind(at: number): DrawnKind {
  let left = at;
  for (const [kind, share] of SHARES) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'colour';
}

/** Draws one planned picture. */
export async function drawPlanned(
  plan: DrawPlan,
  corpus: Pick<EyeCorpus, 'photos'>,
  pictures: PictureSource,
  pool: Pick<DrawPool, 'draw'>,
): Promise<RgbImage> {
  const photo = await pictures.picture(corpus.photos[plan.photo]?.picture ?? 0);
  const task: DrawTask = {
    photo: plan.mirrored ? mirrored(photo) : photo,
    seed: plan.seed,
    kind: plan.kind,
  };
  const [drawn] = await pool.draw([task]);
  if (!drawn) throw new RangeError('drawPlanned: the pool gave no picture');
  return drawn.image;
}
