import { isRowArray, type JsonRow } from '../json-array.js';
import { createFileLookup } from './file-lookup.js';
import { jsonFiles, looksLikeList, readJsonList, readJsonLists } from './json-lists.js';
import { mapColumns, splitOfList } from './list-fields.js';
import { type ListingFormat, type ListingSource, problem } from './listing.js';
import { createRowGatherer } from './row-entries.js';
import { folderOf } from './table-lists.js';

/** JSON files that hold one array of objects, with the keys that such lists use: `[{"image": …, "caption": …}]`. A
 *  file that was meant as a list and cannot be parsed is told, never passed over. */
export const jsonArrayListing: ListingFormat = {
  layout: 'JSON files of one array of objects, as [{"image": "a.jpg", "caption": "a dog"}]',
  async recognises(source) {
    for await (const read of readJsonLists(source)) {
      if ('fault' in read ? await looksLikeList(source, read.file) : rowsOf(read.value, source) !== null)
        return true;
    }
    return false;
  },
  lists: jsonFiles,
  async *list(source) {
    const gatherer = createRowGatherer(createFileLookup(source.files));
    const lists = jsonFiles(source);
    for (const list of lists) {
      const rows = rowsOf(await readJsonList(source, list), source);
      if (rows === null) continue;
      for (const [i, values] of rows.entries()) {
        const place = `${list}[${i}]`;
        const columns = mapColumns(Object.keys(values), source.columns);
        const split = splitOfList(list, lists);
        const wrong = gatherer.add({ place, from: folderOf(list), values, columns, split });
        if (wrong !== null) yield wrong.kind === 'problem' ? problem(place, wrong.code, wrong.reason) : wrong;
      }
    }
    yield* gatherer.entries();
  },
};

function rowsOf(value: unknown, { columns: wanted }: ListingSource): readonly JsonRow[] | null {
  if (!isRowArray(value)) return null;
  const names = (row: JsonRow) => mapColumns(Object.keys(row), wanted);
  return value.some((row) => names(row).file !== undefined || names(row).url !== undefined) ? value : null;
}
