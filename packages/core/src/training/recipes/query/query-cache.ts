import { cropResize } from '../../../image/crop-resize.js';
import { readImage } from '../../../image/image-codec.js';
import type { RgbImage } from '../../../image/rgb-image.js';
import type { TunableImageTower } from '../../../models/tunable-tower.js';
import { createRandom } from '../../../random.js';
import { styleMaker } from '../../../styles/style-makers.js';
import { fileStamps } from './file-stamps.js';
import { openPictureStore } from './picture-store.js';

/** Side of a cached query picture for small towers: a little larger than they read, so that a crop can move. */
export const QUERY_CACHE_SIZE = 160;

/** How the pictures of a cache are cut: squares, of what the tower reads of a picture. */
export interface CachedSquare {
  readonly side: number;
  /** Part of the folder's name, so that towers that read other squares do not undo each other's; '' for the usual. */
  readonly ending: string;
  readonly cut: (image: RgbImage) => Promise<RgbImage>;
}

const cutWhole = async (image: RgbImage): Promise<RgbImage> => {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  return cropResize(image, whole, QUERY_CACHE_SIZE, QUERY_CACHE_SIZE);
};

/** The squares that the small model and the style network read. */
export const smallSquare: CachedSquare = { side: QUERY_CACHE_SIZE, ending: '', cut: cutWhole };

/** The squares that a tower reads, an eighth larger than it does: 256 for 224, the usual resize before a crop. */
export function squareOf({ size, preprocessing, square }: TunableImageTower): CachedSquare {
  const side = Math.max(QUERY_CACHE_SIZE, Math.ceil((size * 8) / 7));
  const { resize, kernel, crop } = preprocessing;
  const form = [side, resize, kernel, crop].filter((part) => part !== undefined).join('-');
  const ending = form === `${QUERY_CACHE_SIZE}-squash` ? '' : `-${form}`;
  return { side, ending, cut: (image) => square(image, side) };
}

/** A query picture to be made or read, and the photos that are right for it. */
export interface PlannedQuery {
  readonly style: string;
  /** Path of the picture, or of the photo it is made from. */
  readonly path: string;
  /** Style maker to run on it; null for a picture that is a query already. */
  readonly maker: string | null;
  /** Indices of its positives in the training gallery: the photo itself, or those of the class that it names. */
  readonly targets: readonly number[];
  /** Photos of the same class as its photo, where the dataset names one: the next best thing to find. */
  readonly sameClass?: readonly number[];
}

/** Query pictures on disk, all of one size. */
export interface QueryCache {
  readonly queries: readonly PlannedQuery[];
  readonly count: number;
  /** Reads one picture; one that is not there yet is made and kept. */
  picture(index: number): Promise<RgbImage>;
  /** Whether a picture is there already; absent where all are. */
  ready?(index: number): boolean;
  close(): Promise<void>;
}

/** Some of the pictures, in the order given. Closing it closes the whole. */
export function selectQueries(cache: QueryCache, indices: readonly number[]): QueryCache {
  return {
    queries: indices.flatMap((index) => cache.queries[index] ?? []),
    count: indices.length,
    picture: (index) => cache.picture(indices[index] ?? -1),
    ready: (index) => cache.ready?.(indices[index] ?? -1) ?? true,
    close: cache.close,
  };
}

/** One query picture as the tower would get it, before the crop of training. */
async function makeQuery(query: PlannedQuery, seed: string, square: CachedSquare): Promise<RgbImage> {
  const photo = await readImage(query.path);
  const random = createRandom(seed);
  const options = { seed: random.integer(2 ** 31), strength: 0.2 + 0.8 * random.uniform() };
  const made = query.maker === null ? photo : await styleMaker(query.maker).make(photo, options);
  return square.cut(made);
}

/** Opens the query pictures of a plan; what a killed run made stays. Another plan or seed, or other files under the same
 *  names, are kept elsewhere. Pictures are made when they are first asked for: see {@link makeMissing} for all at once.
 *  @param name path of the folder without its ending, see {@link openPictureStore}. */
export async function openQueryCache(
  name: string,
  queries: readonly PlannedQuery[],
  seed: number,
  square = smallSquare,
): Promise<QueryCache> {
  // The positives of a query do not change its picture, so it is no part of what has to be equal.
  const stamps = await fileStamps(queries.map(({ path }) => path));
  const pictures = queries.map(({ path, maker }) => ({ path, maker, file: stamps.get(path) }));
  const store = await openPictureStore(name, {
    plan: JSON.stringify({ format: 3, seed, size: square.side, pictures }),
    count: queries.length,
    side: square.side,
    make(index) {
      const query = queries[index];
      if (!query) throw new RangeError(`query cache: there is no picture ${index}`);
      return makeQuery(query, `${seed}:query:${index}`, square);
    },
  });
  return { ...store, queries, count: queries.length };
}

/** Makes what is still missing of the pictures of a cache, so that a broken photo is told before anything is trained. */
export async function makeMissing(
  cache: QueryCache,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const chunk = 8;
  const missing = Array.from({ length: cache.count }, (_, i) => i).filter((i) => cache.ready?.(i) === false);
  const there = cache.count - missing.length;
  for (let start = 0; start < missing.length; start += chunk) {
    const part = missing.slice(start, start + chunk);
    await Promise.all(part.map((index) => cache.picture(index)));
    onProgress?.(there + start + part.length, cache.count);
  }
}

/** {@link openQueryCache} with every picture made. */
export async function buildQueryCache(
  name: string,
  queries: readonly PlannedQuery[],
  seed: number,
  onProgress?: (done: number, total: number) => void,
  square = smallSquare,
): Promise<QueryCache> {
  const cache = await openQueryCache(name, queries, seed, square);
  try {
    await makeMissing(cache, onProgress);
    return cache;
  } catch (error) {
    await cache.close();
    throw error;
  }
}
