import { join } from 'node:path';
import { type CsvRow, csvRows } from './csv-rows.js';
import { mapColumns, missingColumns, splitOfList } from './list-fields.js';
import { type ListingEntry, type ListingSource, problem } from './listing.js';
import type { createRowGatherer } from './row-entries.js';
import { folderOf } from './table-lists.js';

/** Reads one CSV list into the gatherer. @returns what is wrong with it, row by row. */
export async function* readCsv(
  source: ListingSource,
  list: string,
  lists: readonly string[],
  gatherer: ReturnType<typeof createRowGatherer>,
): AsyncGenerator<ListingEntry> {
  let header: readonly string[] | undefined;
  let columns: ReturnType<typeof mapColumns> = {};
  for await (const row of csvRows(join(source.dir, list), source.encoding)) {
    if ('fault' in row) {
      yield problem(`${list}:${row.line}`, 'BAD_CSV', `${row.fault}; expected the cells of one picture`);
      continue;
    }
    if (header === undefined) {
      header = row.cells;
      columns = mapColumns(header, source.columns);
      const wrong = faultOfHeader(source, header, columns);
      if (wrong !== null) {
        yield problem(`${list}:${row.line}`, 'UNKNOWN_COLUMN', wrong);
        return;
      }
      continue;
    }
    const wrong = faultOfRow(row, header.length);
    const entry =
      wrong === null
        ? gatherer.add({
            place: `${list}:${row.line}`,
            from: folderOf(list),
            values: Object.fromEntries(header.map((name, i) => [name, row.cells[i] ?? ''])),
            columns,
            split: splitOfList(list, lists),
          })
        : problem(`${list}:${row.line}`, 'BAD_CSV', wrong);
    if (entry !== null) yield entry;
  }
  if (header === undefined) yield problem(list, 'BAD_CSV', 'expected a header and rows, got an empty file');
}

function faultOfRow({ line, cells, openQuote }: CsvRow, expected: number): string | null {
  if (!cells.slice(expected).some((cell) => cell !== '')) return null;
  const count = `expected ${expected} columns, got ${cells.length}`;
  return openQuote ? `${count}; a quote that was opened in line ${line} is never closed` : count;
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
