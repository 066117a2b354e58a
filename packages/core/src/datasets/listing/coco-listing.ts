import { DatasetError } from '../dataset-error.js';
import { isRowArray, type JsonRow } from '../json-array.js';
import { shown } from '../shown.js';
import { createFileLookup } from './file-lookup.js';
import { folderOf } from './json-lines-listing.js';
import { jsonFiles, readJsonList } from './json-lists.js';
import { splitOfName } from './list-fields.js';
import { type ListingEntry, type ListingFormat, problem } from './listing.js';
import { createRowGatherer } from './row-entries.js';

/** COCO captions: JSON files of `{"images": [{id, file_name}], "annotations": [{image_id, caption}]}`. */
export const cocoListing: ListingFormat = {
  layout: 'COCO captions: {"images": [{id, file_name}], "annotations": [{image_id, caption}]}',
  async recognises(source) {
    for (const file of jsonFiles(source)) {
      const value = await readJsonList(source.dir, file).catch(() => undefined);
      if (cocoOf(value) !== undefined) return true;
    }
    return false;
  },
  async *list(source) {
    const lookup = createFileLookup(source.files);
    const rows = createRowGatherer(lookup);
    let found = false;
    for (const file of jsonFiles(source)) {
      const coco = cocoOf(await readJsonList(source.dir, file));
      if (coco === undefined) continue;
      found = true;
      yield* readCoco(file, coco, rows);
    }
    if (!found) {
      throw new DatasetError(
        'BAD_LAYOUT',
        'expected a JSON file of {"images": [{id, file_name}], "annotations": [{image_id, caption}]}, there is none',
      );
    }
    yield* rows.entries();
  },
};

interface Coco {
  readonly images: readonly JsonRow[];
  readonly annotations: readonly JsonRow[];
}

function cocoOf(value: unknown): Coco | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { images, annotations } = value as Readonly<Record<string, unknown>>;
  if (!isRowArray(images) || !isRowArray(annotations) || images.length === 0) return undefined;
  const captions = annotations.length === 0 || annotations.some((row) => 'caption' in row);
  return captions && images.some((row) => 'file_name' in row) ? { images, annotations } : undefined;
}

const COLUMNS = { file: 'file', caption: 'captions', split: 'split' } as const;

function* readCoco(
  list: string,
  { images, annotations }: Coco,
  rows: ReturnType<typeof createRowGatherer>,
): Generator<ListingEntry> {
  const known = new Set(images.map(({ id }) => id));
  const captions = new Map<unknown, string[]>();
  for (const [i, { image_id: id, caption }] of annotations.entries()) {
    const place = `${list}: annotations[${i}]`;
    if (!known.has(id)) {
      yield problem(place, 'BAD_RECORD', `expected the id of an image of this file, got ${shown(id)}`);
    } else if (typeof caption !== 'string' || caption.trim() === '') {
      yield problem(place, 'BAD_RECORD', `"caption": expected words, got ${shown(caption)}`);
    } else {
      const others = captions.get(id);
      if (others) others.push(caption);
      else captions.set(id, [caption]);
    }
  }
  const split = splitOfName(list);
  for (const [i, { id, file_name: file }] of images.entries()) {
    const place = `${list}: images[${i}]`;
    if (typeof file !== 'string' || file === '') {
      yield problem(place, 'BAD_RECORD', `"file_name": expected a name, got ${shown(file)}`);
      continue;
    }
    const values = { file, captions: captions.get(id) ?? [], split };
    const wrong = rows.add({ place, from: folderOf(list), values, columns: COLUMNS });
    if (wrong !== null) yield wrong;
  }
}
