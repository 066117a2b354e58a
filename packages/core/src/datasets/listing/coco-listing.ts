import { DatasetError } from '../dataset-error.js';
import { isRowArray, type JsonRow } from '../json-array.js';
import { shown } from '../shown.js';
import { createFileLookup } from './file-lookup.js';
import { jsonFiles, looksLikeList, readJsonLists } from './json-lists.js';
import { splitOfList } from './list-fields.js';
import { type ListingEntry, type ListingFormat, problem } from './listing.js';
import { createRowGatherer } from './row-entries.js';
import { folderOf } from './table-lists.js';

/** COCO captions: JSON files of `{"images": [{id, file_name}], "annotations": [{image_id, caption}]}`. */
export const cocoListing: ListingFormat = {
  layout: 'COCO captions: {"images": [{id, file_name}], "annotations": [{image_id, caption}]}',
  async recognises(source) {
    for await (const read of readJsonLists(source)) {
      if ('value' in read && cocoOf(read.value) !== undefined) return true;
    }
    return false;
  },
  lists: jsonFiles,
  async *list(source) {
    const rows = createRowGatherer(createFileLookup(source.files));
    const lists = jsonFiles(source);
    let found = false;
    let broken: DatasetError | undefined;
    for await (const read of readJsonLists(source, 'bigint')) {
      if ('fault' in read) {
        if (!(await looksLikeList(source, read.file))) continue;
        broken ??= read.fault;
        yield problem(read.file, read.fault.code, read.fault.message);
        continue;
      }
      const coco = cocoOf(read.value);
      if (coco === undefined) continue;
      found = true;
      yield* readCoco(read.file, coco, splitOfList(read.file, lists), rows);
    }
    if (!found) {
      if (broken !== undefined) throw broken;
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
  split: string | undefined,
  rows: ReturnType<typeof createRowGatherer>,
): Generator<ListingEntry> {
  const { known, faults } = imagesById(list, images);
  yield* faults;
  const captions = new Map<unknown, string[]>();
  for (const [i, { image_id: id, caption }] of annotations.entries()) {
    const place = `${list}: annotations[${i}]`;
    const owner = known.get(id);
    if (owner === undefined) {
      yield problem(place, 'BAD_RECORD', noSuchImage(id, known));
    } else if (owner === SEVERAL) {
      yield problem(place, 'AMBIGUOUS', `several images of this file have the id ${shown(id)}`);
    } else if (typeof caption !== 'string' || caption.trim() === '') {
      yield problem(place, 'BAD_RECORD', `"caption": expected words, got ${shown(caption)}`);
    } else {
      const others = captions.get(id);
      if (others) others.push(caption);
      else captions.set(id, [caption]);
    }
  }
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

/** Stands for an id that more than one image has: which of them a caption belongs to, nobody knows. */
const SEVERAL = Symbol('several');

function imagesById(list: string, images: readonly JsonRow[]) {
  const known = new Map<unknown, number | typeof SEVERAL>();
  const faults: ListingEntry[] = [];
  for (const [i, { id, file_name: file }] of images.entries()) {
    const before = known.get(id);
    if (before === undefined) {
      known.set(id, i);
      continue;
    }
    const place = `${list}: images[${i}]`;
    const first =
      typeof before === 'number' ? `, as images[${before}] (${shown(images[before]?.file_name)})` : '';
    const reason = `${shown(file)} has the id ${shown(id)}${first}; both are taken without the captions of that id`;
    faults.push(problem(place, 'DUPLICATE_ID', reason));
    known.set(id, SEVERAL);
  }
  return { known, faults };
}

function noSuchImage(id: unknown, known: ReadonlyMap<unknown, unknown>): string {
  const expected = `expected the id of an image of this file, got ${shown(id)}`;
  const digits = typeof id === 'string' && /^-?\d{1,15}$/.test(id) ? Number(id) : undefined;
  if (digits !== undefined && known.has(digits))
    return `${expected}, a text; the images have the number ${digits}`;
  if (typeof id === 'number' && known.has(String(id)))
    return `${expected}, a number; the images have the text "${id}"`;
  return expected;
}
