import { join } from 'node:path';
import { DatasetError } from '../dataset-error.js';
import { parseJsonText } from '../json-text.js';
import { mapColumns, splitOfList } from './list-fields.js';
import { type ListingEntry, type ListingSource, problem } from './listing.js';
import { MAX_LINE_LENGTH, readLines } from './read-lines.js';
import type { createRowGatherer } from './row-entries.js';
import { folderOf } from './table-lists.js';

/** Reads one list of JSON lines into the gatherer. @returns what is wrong with it, line by line. */
export async function* readJsonLines(
  source: ListingSource,
  list: string,
  lists: readonly string[],
  gatherer: ReturnType<typeof createRowGatherer>,
): AsyncGenerator<ListingEntry> {
  for await (const { line, text } of readLines(join(source.dir, list), source.encoding)) {
    if (text?.trim() === '') continue;
    const place = `${list}:${line}`;
    const values = text === null ? null : parse(text);
    if (values === null || 'error' in values) {
      const got = values?.error ?? `a line of more than ${MAX_LINE_LENGTH} characters`;
      yield problem(place, 'BAD_JSON', `expected one JSON object, got ${String(got)}`);
      continue;
    }
    const columns = mapColumns(Object.keys(values.row), source.columns);
    const split = splitOfList(list, lists);
    const wrong = gatherer.add({ place, from: folderOf(list), values: values.row, columns, split });
    if (wrong !== null) yield wrong;
  }
}

function parse(text: string): { row: Record<string, unknown> } | { error: string } {
  try {
    const value = parseJsonText(text, 'column');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { row: value as Record<string, unknown> };
    }
    return { error: text.slice(0, 80) };
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const reason = error.message.replace(/^column:\d+:(\d+): /, 'at column $1: ');
    return { error: `"${text.slice(0, 80)}", ${reason}` };
  }
}
