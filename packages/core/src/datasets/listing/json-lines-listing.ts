import { join, posix } from 'node:path';
import { extensionOf } from '../file-index.js';
import { createFileLookup } from './file-lookup.js';
import { mapColumns, splitOfName } from './list-fields.js';
import { type ListingFormat, type ListingSource, problem } from './listing.js';
import { MAX_LINE_BYTES, readLines } from './read-lines.js';
import { createRowGatherer } from './row-entries.js';

/** Lists of one JSON object a line, with the keys that such lists use: `{"file": …, "caption": …}`. */
export const jsonLinesListing: ListingFormat = {
  layout: 'lists of one JSON object a line, as {"file": "a.jpg", "caption": "a dog"}',
  recognises: (source) => listsOf(source).length > 0,
  async *list(source) {
    const rows = createRowGatherer(createFileLookup(source.files));
    for (const list of listsOf(source)) {
      for await (const { line, text } of readLines(join(source.dir, list))) {
        if (text?.trim() === '') continue;
        const place = `${list}:${line}`;
        const values = text === null ? null : parse(text);
        if (values === null || 'error' in values) {
          const got = values?.error ?? `a line of more than ${MAX_LINE_BYTES} bytes`;
          yield problem(place, 'BAD_JSON', `expected one JSON object, got ${String(got)}`);
          continue;
        }
        const columns = mapColumns(Object.keys(values.row), source.columns);
        const from = folderOf(list);
        const wrong = rows.add({ place, from, values: values.row, columns, split: splitOfName(list) });
        if (wrong !== null) yield wrong;
      }
    }
    yield* rows.entries();
  },
};

const listsOf = ({ files }: ListingSource): string[] =>
  files.filter((file) => !file.includes('/') && /^(jsonl|ndjson)$/.test(extensionOf(file)));

/** Folder of a list, `''` for the top. */
export const folderOf = (list: string): string => posix.dirname(list).replace(/^\.$/, '');

function parse(text: string): { row: Record<string, unknown> } | { error: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { row: value as Record<string, unknown> };
    }
    return { error: text.slice(0, 80) };
  } catch (error) {
    return { error: `"${text.slice(0, 80)}": ${error instanceof Error ? error.message : String(error)}` };
  }
}
