import { join } from 'node:path';
import { csvRows } from './csv-rows.js';
import { createFileLookup } from './file-lookup.js';
import { mapColumns } from './list-fields.js';
import type { ListingFormat, ListingSource } from './listing.js';
import { readCsv } from './read-csv.js';
import { readJsonLines } from './read-json-lines.js';
import { createRowGatherer } from './row-entries.js';
import { CSV_EXTENSION, JSON_LINES_EXTENSION, tableLists } from './table-lists.js';

const listsOf = (source: ListingSource) => tableLists(source, CSV_EXTENSION, JSON_LINES_EXTENSION);

/** CSV lists with a header: a picture's name or address, and whatever else its columns say. */
export const csvListing: ListingFormat = {
  layout:
    'CSV files with a header: a column of names or addresses, and captions, class, split, tags, style, target',
  async recognises(source) {
    for (const list of listsOf(source).own) {
      const columns = mapColumns(await headerOf(source, list), source.columns);
      if (columns.file !== undefined || columns.url !== undefined) return true;
    }
    return false;
  },
  lists: (source) => Object.values(listsOf(source)).flat(),
  async *list(source) {
    const rows = createRowGatherer(createFileLookup(source.files));
    const { own, others } = listsOf(source);
    for (const list of own) yield* readCsv(source, list, own, rows);
    for (const list of others) yield* readJsonLines(source, list, others, rows);
    yield* rows.entries();
  },
};

/** Header and first rows of the first list, for a person who says which column is what. */
export async function peekCsv(
  source: ListingSource,
  count: number,
): Promise<{ columns: readonly string[]; rows: readonly (readonly string[])[] }> {
  const [list] = listsOf(source).own;
  const rows: (readonly string[])[] = [];
  if (list === undefined) return { columns: [], rows };
  for await (const row of csvRows(join(source.dir, list), source.encoding)) {
    if ('cells' in row && rows.push(row.cells) > count) break;
  }
  const [columns = [], ...first] = rows;
  return { columns, rows: first };
}

async function headerOf({ dir, encoding }: ListingSource, list: string): Promise<readonly string[]> {
  for await (const row of csvRows(join(dir, list), encoding)) return 'cells' in row ? row.cells : [];
  return [];
}
