import type { RgbImage } from '../../../image/rgb-image.js';
import { createRandom } from '../../../random.js';
import type { DrawPool } from '../../../styles/randomised/draw-pool.js';
import { type DrawnKind, type DrawTask, USUAL_SHARES } from '../../../styles/randomised/draw-query.js';
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
  const kinds = Object.entries(USUAL_SHARES) as [DrawnKind, number][];
  let left = at * kinds.reduce((sum, [, share]) => sum + share, 0);
  for (const [kind, share] of kinds) {
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
