import { relative, sep } from 'node:path';
import { type Dataset, isTextQuery } from '../dataset.js';
import type { DatasetError } from '../dataset-error.js';
import { findDsrRoot, readDsr } from '../dsr.js';
import { extensionOf } from '../file-index.js';
import { looksLikeImageNetX, readImageNetX } from '../imagenet-x.js';
import { jsonFiles, readJsonLists } from './json-lists.js';
import { type ListingEntry, type ListingFormat, type ListingSource, problem } from './listing.js';

/** DSR as its authors hand it out. */
export const dsrListing: ListingFormat = {
  layout: 'images/, sketch/, art/, mosaic/, text/ with train.json and test.json',
  recognises: ({ files }) => findDsrRoot(files) !== undefined,
  lists: ({ files }) => files.filter((file) => /^(json|txt)$/.test(extensionOf(file))),
  list: (source) => listDataset(source, (onProblem) => readDsr(source.dir, { onProblem })),
};

/** ImageNet-X in the shapes that circulate. */
export const imageNetXListing: ListingFormat = {
  layout: 'JSON lists of {image_path, caption}, {image, classname} or {origin_image, art_image}',
  async recognises(source) {
    for await (const read of readJsonLists(source)) {
      if ('value' in read && looksLikeImageNetX(read.value)) return true;
    }
    return false;
  },
  lists: jsonFiles,
  list: (source) => listDataset(source, (onProblem) => readImageNetX(source.dir, { onProblem })),
};

async function* listDataset(
  { dir }: ListingSource,
  read: (onProblem: (error: DatasetError) => void) => Promise<Dataset>,
): AsyncGenerator<ListingEntry> {
  const faults: DatasetError[] = [];
  const dataset = await read((error) => faults.push(error));
  for (const { code, message, data } of faults) {
    yield problem(typeof data.place === 'string' ? inside(dir, data.place) : '', code, message);
  }
  const fileOf = (path: string) => inside(dir, path);
  const files = new Map(dataset.images.map((image) => [image.file, fileOf(image.path)]));
  for (const { path, ...image } of dataset.images)
    yield { ...image, file: fileOf(path), place: fileOf(path) };
  for (const query of dataset.queries) {
    const target = query.target === undefined ? {} : { target: files.get(query.target) ?? query.target };
    if (isTextQuery(query)) yield { ...query, ...target, place: query.text };
    else {
      const { path, ...rest } = query;
      yield { ...rest, ...target, file: fileOf(path), place: fileOf(path) };
    }
  }
}

const inside = (dir: string, path: string): string => relative(dir, path).split(sep).join('/');
