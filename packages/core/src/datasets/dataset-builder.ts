import { basename, join, resolve } from 'node:path';
import type { Dataset, DatasetRecord, ImageRecord, QueryRecord } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { inSplit, requireSplit } from './read-dataset-folder.js';

type Labels = { readonly class?: string | undefined; readonly split?: string | undefined };

/** An image record for a file below `dir`. */
export const imageRecord = (
  dir: string,
  file: string,
  labels: Labels = {},
  captions: readonly string[] = [],
): ImageRecord => ({
  kind: 'image',
  file,
  path: join(dir, file),
  captions,
  ...definedLabels(labels),
  attributes: {},
});

/** A query record for a picture below `dir`. */
export const fileQuery = (
  dir: string,
  style: string,
  file: string,
  labels: Labels & { readonly target?: string | undefined } = {},
): QueryRecord => ({
  kind: 'query',
  style,
  file,
  path: join(dir, file),
  ...(labels.target === undefined ? {} : { target: labels.target }),
  ...definedLabels(labels),
  attributes: {},
});

const definedLabels = (labels: Labels): { class?: string; split?: string } => ({
  ...(labels.class === undefined ? {} : { class: labels.class }),
  ...(labels.split === undefined ? {} : { split: labels.split }),
});

/** Puts records together into a dataset, narrowed to a split.
 *  @throws {DatasetError} when there is no image or no such split. */
export function buildDataset(
  dir: string,
  images: readonly ImageRecord[],
  queries: readonly QueryRecord[],
  notes: readonly string[],
  split?: string,
): Dataset {
  const root = resolve(dir);
  if (images.length === 0) throw new DatasetError('NO_IMAGES', `${root}: no picture was found there`);
  const all: readonly DatasetRecord[] = [...images, ...queries];
  const splits = [...new Set(all.flatMap((record) => record.split ?? []))].sort();
  requireSplit(root, split, splits);
  return {
    name: basename(root),
    dir: root,
    images: images.filter((record) => inSplit(record, split)),
    queries: queries.filter((record) => inSplit(record, split)),
    splits,
    notes,
  };
}

/** A note about many things of one sort: the first few by name, then how many more. */
export function noteAbout(what: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, 5).join(', ');
  return [`${what}: ${shown}${items.length > 5 ? ` and ${items.length - 5} more` : ''}`];
}
