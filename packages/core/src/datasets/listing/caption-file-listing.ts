import { join } from 'node:path';
import { extensionOf, isImageName } from '../file-index.js';
import { createFileLookup } from './file-lookup.js';
import { splitOfName } from './list-fields.js';
import { type ListingEntry, type ListingFormat, type ListingSource, problem } from './listing.js';
import { readLines } from './read-lines.js';
import { createRowGatherer } from './row-entries.js';
import { folderOf } from './table-lists.js';

/** `a.jpg#0<tab>words` (Flickr8k), `a.jpg| 0| words` (Flickr30k), `a.jpg<tab>words`, `a.jpg,words`. */
const LINES: readonly RegExp[] = [
  /^([^\t]+?\.\w+)#\d+\s+(.*)$/,
  /^([^|]+?\.\w+)\s*\|\s*\d+\s*\|(.*)$/,
  /^([^\t]+?\.\w+)\t(.*)$/,
  /^([^,]+?\.\w+),(.*)$/,
];
const HEADER = /^"?(image|image_name|file|filename|file_name|img)"?\s*[,|\t]/i;

/** Files of one caption a line beside a folder of pictures, as Flickr8k and Flickr30k are handed out; lists of names
 *  such as `Flickr_8k.trainImages.txt` tell the split. */
export const captionFileListing: ListingFormat = {
  layout: 'a text file of lines like a.jpg#0<tab>words, as Flickr8k has it',
  recognises: async (source) => (await captionFiles(source)).length > 0,
  lists: async (source) => [...(await captionFiles(source)), ...(await splitLists(source))],
  async *list(source) {
    const lookup = createFileLookup(source.files);
    const splits = await readSplits(source);
    const rows = createRowGatherer(lookup);
    for (const list of await captionFiles(source)) yield* readCaptions(source, list, splits, rows);
    yield* rows.entries();
  },
};

const COLUMNS = { file: 'file', caption: 'caption', split: 'split' } as const;

async function* readCaptions(
  { dir, encoding }: ListingSource,
  list: string,
  splits: ReadonlyMap<string, string>,
  rows: ReturnType<typeof createRowGatherer>,
): AsyncGenerator<ListingEntry> {
  for await (const { line, text } of readLines(join(dir, list), encoding)) {
    if (text?.trim() === '' || (line === 1 && HEADER.test(text ?? ''))) continue;
    const place = `${list}:${line}`;
    const read = text === null ? null : captionOf(text);
    if (read === null) {
      const got = text === null ? 'a line of many megabytes' : `"${text.slice(0, 80)}"`;
      yield problem(place, 'BAD_RECORD', `expected a picture's name and its caption, got ${got}`);
      continue;
    }
    const values = { file: read.file, caption: read.caption, split: splits.get(read.file) ?? '' };
    const wrong = rows.add({ place, from: folderOf(list), values, columns: COLUMNS });
    if (wrong !== null) yield wrong;
  }
}

function captionOf(text: string): { file: string; caption: string } | null {
  for (const line of LINES) {
    const [, file, caption] = line.exec(text) ?? [];
    if (file !== undefined && caption !== undefined) {
      return { file: unquoted(file), caption: unquoted(caption) };
    }
  }
  return null;
}

function unquoted(text: string): string {
  const bare = text.trim();
  const inner = /^"(.*)"$/s.exec(bare)?.[1];
  return inner === undefined ? bare : inner.replaceAll('""', '"');
}

/** Lists of which the first lines are captions of pictures. */
async function captionFiles(source: ListingSource): Promise<string[]> {
  const found: string[] = [];
  for (const file of textFiles(source)) {
    const lines = await firstLines(source, file);
    const captions = lines.filter((text) => isImageName(captionOf(text)?.file ?? ''));
    if (lines.length > 0 && captions.length * 2 > lines.length) found.push(file);
  }
  // The lemmatised twin of Flickr8k's list holds the same captions again, without their grammar.
  return found.filter((file) => !/lemma/i.test(file) || found.length === 1);
}

/** Splits by picture, from lists of nothing but names. */
async function readSplits(source: ListingSource): Promise<Map<string, string>> {
  const splits = new Map<string, string>();
  for (const file of await splitLists(source)) {
    const lines = readLines(join(source.dir, file), source.encoding);
    for await (const { text } of lines) if (text) splits.set(text.trim(), splitOfName(file) ?? '');
  }
  return splits;
}

async function splitLists(source: ListingSource): Promise<string[]> {
  const found: string[] = [];
  for (const file of textFiles(source)) {
    if (splitOfName(file) !== undefined && (await firstLines(source, file)).every(isImageName))
      found.push(file);
  }
  return found;
}

const textFiles = ({ files }: ListingSource): string[] =>
  files
    .filter(
      (file) =>
        file.split('/').length <= 2 && (/^(txt|token)$/.test(extensionOf(file)) || file === 'results.csv'),
    )
    .slice(0, 20);

async function firstLines({ dir, encoding }: ListingSource, file: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const { line, text } of readLines(join(dir, file), encoding)) {
    if (text === null) return [];
    if (text.trim() !== '' && !(line === 1 && HEADER.test(text))) lines.push(text);
    if (lines.length >= 5) break;
  }
  return lines;
}
