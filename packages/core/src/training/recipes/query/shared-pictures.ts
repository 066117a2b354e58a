import { stat } from 'node:fs/promises';
import { type Dataset, isTextQuery } from '../../../datasets/dataset.js';
import { hashFile } from '../../../weights/hash-file.js';

/** Pictures that two parts of the data have in common, by content. */
export interface SharedPictures {
  readonly photos: number;
  /** Query pictures that a dataset brought. */
  readonly queries: number;
}

/** Pictures that training and validation share, whatever they are called: validation figures over these are too good.
 *  Files of different lengths differ, so few need to be read. */
export async function sharedPictures(
  train: readonly Dataset[],
  validation: readonly Dataset[],
): Promise<SharedPictures> {
  return {
    photos: await countShared(photoPaths(train), photoPaths(validation)),
    queries: await countShared(queryPaths(train), queryPaths(validation)),
  };
}

const photoPaths = (datasets: readonly Dataset[]): string[] =>
  datasets.flatMap(({ images }) => images.map(({ path }) => path));

const queryPaths = (datasets: readonly Dataset[]): string[] =>
  datasets.flatMap(({ queries }) => queries.flatMap((query) => (isTextQuery(query) ? [] : [query.path])));

async function countShared(known: readonly string[], others: readonly string[]): Promise<number> {
  const own = new Set(known);
  const bySize = new Map<number, string[]>();
  for (const path of own) {
    const size = await sizeOf(path);
    bySize.set(size, [...(bySize.get(size) ?? []), path]);
  }
  const hashes = new Map<string, Promise<string | null>>();
  const hashOf = (path: string) => {
    const found = hashes.get(path) ?? hashFile(path).catch(() => null);
    hashes.set(path, found);
    return found;
  };
  let shared = 0;
  for (const path of new Set(others)) {
    if (own.has(path)) {
      shared += 1;
      continue;
    }
    const alike = bySize.get(await sizeOf(path)) ?? [];
    if (alike.length === 0) continue;
    const hash = await hashOf(path);
    for (const other of alike) {
      if (hash === null || (await hashOf(other)) !== hash) continue;
      shared += 1;
      break;
    }
  }
  return shared;
}

/** −1 for a picture that cannot be read: whoever opens it says so. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => -1,
  );
