import { cropResize } from '../image/crop-resize.js';
import type { RgbImage } from '../image/rgb-image.js';
import { createRandom } from '../random.js';
import { heldOutMakers, heldOutNames } from '../styles/held-out/held-out-makers.js';
import { isHeldOut, isUnseenStyle, plainStyle, unseenStyle } from '../styles/held-out/held-out-names.js';
import type { StyleMakerEntry } from '../styles/style-maker.js';
import type { EvaluationPhoto, EvaluationQuery, EvaluationSet } from './evaluation-set.js';

/** Who made a query: people (a drawing, a painting, words), makers that training draws from too, or held-out ones. */
export type Makers = 'people' | 'seen' | 'unseen';

/** Who made a query. */
export function makersOf({ maker }: { readonly maker?: string | undefined }): Makers {
  if (maker === undefined) return 'people';
  return isHeldOut(maker) ? 'unseen' : 'seen';
}

export { isUnseenStyle, plainStyle, unseenStyle };

/** Longest edge that a photo is shrunk to before a held-out maker works on it: what encoders see of a picture, and a
 *  maker's time grows with the pixels. */
export const HELD_OUT_SIDE = 256;

export interface UnseenOptions {
  /** Photos of each style that held-out makers draw, spread evenly over the gallery; 0 for none. */
  readonly perStyle: number;
  /** Chooses the maker and its strength for each photo. */
  readonly seed?: number;
  /** Only these styles, by either name. */
  readonly styles?: readonly string[] | undefined;
}

const STYLES: readonly StyleMakerEntry['style'][] = ['art', 'sketch', 'lowres'];

/** The set with queries by makers that no training sees, as styles of their own. Styles that the set already has such
 *  queries of (from an evaluation folder) are left as they are. */
export function withUnseenMakers(set: EvaluationSet, options: UnseenOptions): EvaluationSet {
  const { perStyle, seed = 0, styles } = options;
  const present = new Set(set.queries.map(({ style }) => style));
  const wanted = STYLES.filter((style) => {
    const name = unseenStyle(style);
    return !present.has(name) && (styles === undefined || styles.includes(style) || styles.includes(name));
  });
  const photos = spread(set.photos, perStyle);
  const made = wanted.flatMap((style) => photos.map((photo) => unseenQuery(photo, style, seed)));
  return { ...set, queries: [...set.queries, ...made] };
}

function spread<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T);
}

/** What a held-out maker draws of a photo: which one, how strong and how, told by the photo's name and the seed alone. */
export function heldOutPlan(photoId: string, style: StyleMakerEntry['style'], seed: number) {
  const random = createRandom(`unseen ${seed} ${style} ${photoId}`);
  const names = heldOutNames(style);
  const maker = names[random.integer(names.length)] ?? '';
  return { maker, options: { seed: random.integer(2 ** 31), strength: 0.15 + 0.6 * random.uniform() } };
}

/** Runs a plan on a photo's pixels. */
export async function drawHeldOut(photo: RgbImage, plan: ReturnType<typeof heldOutPlan>): Promise<RgbImage> {
  const entry = heldOutMakers[plan.maker];
  if (entry === undefined) throw new RangeError(`there is no held-out maker "${plan.maker}"`);
  return entry.make(shrunk(photo), plan.options);
}

function unseenQuery(photo: EvaluationPhoto, style: StyleMakerEntry['style'], seed: number): EvaluationQuery {
  const plan = heldOutPlan(photo.id, style, seed);
  return {
    id: `${unseenStyle(style)}${seed === 0 ? '' : `, seed ${seed},`} of ${photo.id}`,
    style: unseenStyle(style),
    target: photo.id,
    className: photo.className,
    maker: plan.maker,
    derived: true,
    contentHash: async () => {
      const of = typeof photo.contentHash === 'function' ? await photo.contentHash() : photo.contentHash;
      return JSON.stringify([plan, of ?? photo.id]);
    },
    content: { load: async () => drawHeldOut(await photo.load(), plan) },
  };
}

function shrunk(image: RgbImage): RgbImage {
  const { width, height } = image;
  const scale = HELD_OUT_SIDE / Math.max(width, height);
  if (scale >= 1) return image;
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return cropResize(image, { x: 0, y: 0, width, height }, side(width), side(height));
}
