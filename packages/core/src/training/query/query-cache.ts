import { type FileHandle, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cropResize } from '../../image/crop-resize.js';
import { readImage } from '../../image/image-codec.js';
import type { RgbImage } from '../../image/rgb-image.js';
import type { TunableImageTower } from '../../models/tunable-tower.js';
import { createRandom } from '../../random.js';
import { styleMaker } from '../../styles/style-makers.js';

/** Side of a cached query picture for small towers: a little larger than they read, so that a crop can move. */
export const QUERY_CACHE_SIZE = 160;

/** How the pictures of a cache are cut: squares, of what the tower reads of a picture. */
export interface CachedSquare {
  readonly side: number;
  /** Ending of the folder's name, so that towers that read other squares do not undo each other's; '' for the usual. */
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

/** A query picture to be made or read, and the photos that it means. */
export interface PlannedQuery {
  readonly style: string;
  /** Path of the picture, or of the photo it is made from. */
  readonly path: string;
  /** Style maker to run on it; null for a picture that is a query already. */
  readonly maker: string | null;
  /** Indices of the photos meant, into the training gallery. */
  readonly targets: readonly number[];
  /** Photos of the class of the one meant, where the dataset names it: the next best thing to find. */
  readonly kin?: readonly number[];
}

/** Query pictures on disk, all of one size. */
export interface QueryCache {
  readonly queries: readonly PlannedQuery[];
  readonly count: number;
  picture(index: number): Promise<RgbImage>;
  close(): Promise<void>;
}

/** Some of the pictures, in the order given. Closing it closes the whole. */
export function selectQueries(cache: QueryCache, indices: readonly number[]): QueryCache {
  return {
    queries: indices.flatMap((index) => cache.queries[index] ?? []),
    count: indices.length,
    picture: (index) => cache.picture(indices[index] ?? -1),
    close: cache.close,
  };
}

const recordOf = (side: number): number => side * side * 3;

/** One query picture as the tower would get it, before the crop of training. */
async function makeQuery(query: PlannedQuery, seed: string, square: CachedSquare): Promise<RgbImage> {
  const photo = await readImage(query.path);
  const random = createRandom(seed);
  const options = { seed: random.integer(2 ** 31), strength: 0.2 + 0.8 * random.uniform() };
  const made = query.maker === null ? photo : await styleMaker(query.maker).make(photo, options);
  return square.cut(made);
}

async function appendQueries(
  file: FileHandle,
  queries: readonly PlannedQuery[],
  done: number,
  seed: number,
  square: CachedSquare,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const chunk = 8;
  for (let start = done; start < queries.length; start += chunk) {
    const part = queries.slice(start, start + chunk);
    const pictures = await Promise.all(
      part.map((query, index) => makeQuery(query, `${seed}:query:${start + index}`, square)),
    );
    await file.appendFile(Buffer.concat(pictures.map((picture) => picture.data)));
    onProgress?.(start + part.length, queries.length);
  }
}

/** Makes the query pictures that are still missing in a folder, and opens it. A killed run goes on;
 *  a folder made from another plan or seed is made anew. */
export async function buildQueryCache(
  folder: string,
  queries: readonly PlannedQuery[],
  seed: number,
  onProgress?: (done: number, total: number) => void,
  square = smallSquare,
): Promise<QueryCache> {
  await mkdir(folder, { recursive: true });
  const planPath = join(folder, 'plan.json');
  // What a query means does not change its picture, so it is no part of what has to be equal.
  const pictures = queries.map(({ path, maker }) => ({ path, maker }));
  const plan = JSON.stringify({ seed, size: square.side, pictures });
  const known = await readFile(planPath, 'utf8').catch(() => null);
  const file = await open(join(folder, 'pixels.u8'), 'a+');
  if (known !== plan) {
    await file.truncate(0);
    await writeFile(planPath, plan);
  }
  const record = recordOf(square.side);
  const done = Math.floor((await file.stat()).size / record);
  await file.truncate(done * record);
  await appendQueries(file, queries, done, seed, square, onProgress);
  return openCache(file, queries, square.side);
}

function openCache(file: FileHandle, queries: readonly PlannedQuery[], side: number): QueryCache {
  const record = recordOf(side);
  return {
    queries,
    count: queries.length,
    async picture(index) {
      const data = new Uint8Array(record);
      const { bytesRead } = await file.read(data, 0, record, index * record);
      if (bytesRead !== record) throw new RangeError(`query cache: picture ${index} is not there`);
      return { width: side, height: side, data };
    },
    close: () => file.close(),
  };
}
