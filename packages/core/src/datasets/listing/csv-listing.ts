import { join } from 'node:path';
import { extensionOf } from '../file-index.js';
import { CsvFault, type CsvRow, csvRows } from './csv-rows.js';
import { createFileLookup } from './file-lookup.js';
import { folderOf } from './json-lines-listing.js';
import { mapColumns, missingColumns, splitOfName } from './list-fields.js';
import { type ListingEntry, type ListingFormat, type ListingSource, problem } from './listing.js';
import { createRowGatherer } from './row-entries.js';

/** CSV lists with a header: a picture's name or address, and whatever else its columns say. */
export const csvListing: ListingFormat = {
  layout:
    'CSV files with a header: a column of names or addresses, and captions, class, split, tags, style, target',
  async recognises(source) {
    for (const list of listsOf(source)) {
      const header = await headerOf(source, list).catch(() => []);
      const columns = mapColumns(header, source.columns);
      if (columns.file !== undefined || columns.url !== undefined) return true;
    }
    return false;
  },
  async *list(source) {
    const rows = createRowGatherer(createFileLookup(source.files));
    for (const list of listsOf(source)) {
      try {
        yield* readList(source, list, rows);
      } catch (error) {
        if (!(error instanceof CsvFault)) throw error;
        yield problem(`${list}:${error.line}`, 'BAD_CSV', `${error.message}; nothing after it was read`);
      }
    }
    yield* rows.entries();
  },
};

/** Header and first rows of the first list, for a person who says which column is what. */
export async function peekCsv(
  source: ListingSource,
  count: number,
): Promise<{ columns: readonly string[]; rows: readonly (readonly string[])[] }> {
  const [list] = listsOf(source);
  const rows: (readonly string[])[] = [];
  if (list === undefined) return { columns: [], rows };
  try {
    for await (const { cells } of csvRows(join(source.dir, list))) if (rows.push(cells) > count) break;
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
  }
  const [columns = [], ...first] = rows;
  return { columns, rows: first };
}

const listsOf = ({ files }: ListingSource): string[] =>
  files.filter((file) => !file.includes('/') && /^(csv|tsv)$/.test(extensionOf(file)));

async function headerOf({ dir }: ListingSource, list: string): Promise<readonly string[]> {
  for await (const { cells } of csvRows(join(dir, list))) return cells;
  return [];
}

async function* readList(
  source: ListingSource,
  list: string,
  gatherer: ReturnType<typeof createRowGatherer>,
): AsyncGenerator<ListingEntry> {
  let header: readonly string[] | undefined;
  let columns: ReturnType<typeof mapColumns> = {};
  for await (const { line, cells } of csvRows(join(source.dir, list))) {
    if (header === undefined) {
      header = cells;
      columns = mapColumns(header, source.columns);
      const wrong = faultOfHeader(source, header, columns);
      if (wrong !== null) {
        yield problem(`${list}:${line}`, 'UNKNOWN_COLUMN', wrong);
        return;
      }
      continue;
    }
    const entry = addRow(list, { line, cells }, header, columns, gatherer);
    if (entry !== null) yield entry;
  }
  if (header === undefined) yield problem(list, 'BAD_CSV', 'expected a header and rows, got an empty file');
}

function faultOfHeader(
  { columns: wanted }: ListingSource,
  header: readonly string[],
  columns: ReturnType<typeof mapColumns>,
): string | null {
  const there = header.map((name) => `"${name}"`).join(', ');
  const [missing] = missingColumns(header, wanted);
  if (missing !== undefined) return `expected a column "${missing}", got ${there}`;
  if (columns.file !== undefined || columns.url !== undefined) return null;
  return `expected a column that names the pictures, as "file" or "url", got ${there}; say which one it is`;
}

function addRow(
  list: string,
  { line, cells }: CsvRow,
  header: readonly string[],
  columns: ReturnType<typeof mapColumns>,
  gatherer: ReturnType<typeof createRowGatherer>,
): ListingEntry | null {
  const place = `${list}:${line}`;
  if (cells.slice(header.length).some((cell) => cell !== '')) {
    return problem(place, 'BAD_CSV', `expected ${header.length} columns, got ${cells.length}`);
  }
  const values = Object.fromEntries(header.map((name, i) => [name, cells[i] ?? '']));
  return gatherer.add({ place, from: folderOf(list), values, columns, split: splitOfName(list) });
}
