import { createFileLookup } from './file-lookup.js';
import type { ListingFormat, ListingSource } from './listing.js';
import { readCsv } from './read-csv.js';
import { readJsonLines } from './read-json-lines.js';
import { createRowGatherer } from './row-entries.js';
import { CSV_EXTENSION, JSON_LINES_EXTENSION, tableLists } from './table-lists.js';

const listsOf = (source: ListingSource) => tableLists(source, JSON_LINES_EXTENSION, CSV_EXTENSION);

/** Lists of one JSON object a line, with the keys that such lists use: `{"file": …, "caption": …}`. */
export const jsonLinesListing: ListingFormat = {
  layout: 'lists of one JSON object a line, as {"file": "a.jpg", "caption": "a dog"}',
  recognises: (source) => listsOf(source).own.length > 0,
  lists: (source) => Object.values(listsOf(source)).flat(),
  async *list(source) {
    const rows = createRowGatherer(createFileLookup(source.files));
    const { own, others } = listsOf(source);
    for (const list of own) yield* readJsonLines(source, list, own, rows);
    for (const list of others) yield* readCsv(source, list, others, rows);
    yield* rows.entries();
  },
};
