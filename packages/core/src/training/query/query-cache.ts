import { type FileHandle, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cropResize } from '../../image/crop-resize.js';
import { readImage } from '../../image/image-codec.js';
import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom } from '../../random.js';
import { styleMaker } from '../../styles/style-makers.js';

/** Side of a cached query picture: a little larger than the towers read, so that a crop can move. */
export const QUERY_CACHE_SIZE = 160;

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

const RECORD = QUERY_CACHE_SIZE * QUERY_CACHE_SIZE * 3;

/** One query picture as the tower would get it, before the crop of training. */
async function makeQuery(query: PlannedQuery, seed: string): Promise<RgbImage> {
  const photo = await readImage(query.path);
  const random = createRandom(seed);
  const options = { seed: random.integer(2 ** 31), strength: 0.2 + 0.8 * random.uniform() };
  const made = query.maker === null ? photo : await styleMaker(query.maker).make(photo, options);
  const whole = { x: 0, y: 0, width: made.width, height: made.height };
  return cropResize(made, whole, QUERY_CACHE_SIZE, QUERY_CACHE_SIZE);
}

async function appendQueries(
  file: FileHandle,
  queries: readonly PlannedQuery[],
  done: number,
  seed: number,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const chunk = 8;
  for (let start = done; start < queries.length; start += chunk) {
    const part = queries.slice(start, start + chunk);
    const pictures = await Promise.all(
      part.map((query, index) => makeQuery(query, `${seed}:query:${start + index}`)),
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
): Promise<QueryCache> {
  await mkdir(folder, { recursive: true });
  const planPath = join(folder, 'plan.json');
  // What a query means does not change its picture, so it is no part of what has to be equal.
  const pictures = queries.map(({ path, maker }) => ({ path, maker }));
  const plan = JSON.stringify({ seed, size: QUERY_CACHE_SIZE, pictures });
  const known = await readFile(planPath, 'utf8').catch(() => null);
  const file = await open(join(folder, 'pixels.u8'), 'a+');
  if (known !== plan) {
    await file.truncate(0);
    await writeFile(planPath, plan);
  }
  const done = Math.floor((await file.stat()).size / RECORD);
  await file.truncate(done * RECORD);
  await appendQueries(file, queries, done, seed, onProgress);
  return openCache(file, queries, queries.length);
}

function openCache(file: FileHandle, queries: readonly PlannedQuery[], count: number): QueryCache {
  return {
    queries,
    count,
    async picture(index) {
      const data = new Uint8Array(RECORD);
      const { bytesRead } = await file.read(data, 0, RECORD, index * RECORD);
      if (bytesRead !== RECORD) throw new RangeError(`query cache: picture ${index} is not there`);
      return { width: QUERY_CACHE_SIZE, height: QUERY_CACHE_SIZE, data };
    },
    close: () => file.close(),
  };
}
