import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../dataset-error.js';
import { extensionOf } from '../file-index.js';
import { readJson } from '../json-array.js';
import type { LongIntegers } from '../json-text.js';
import { textHead } from '../text-file.js';
import type { ListingSource } from './listing.js';

// A text of 512 MB is the longest that the engine holds.
const MAX_JSON_BYTES = 400 * 1024 * 1024;
// Lists lie at the top or one folder down; a folder with a JSON file for each picture is something else.
const MAX_LISTS = 20;

/** JSON files that may be lists: near the top, and few. */
export const jsonFiles = ({ files }: ListingSource): string[] => {
  const found = files.filter((file) => extensionOf(file) === 'json' && file.split('/').length <= 2);
  return found.length <= MAX_LISTS ? found : found.filter((file) => !file.includes('/')).slice(0, MAX_LISTS);
};

/** Reads a JSON list whole. @throws {DatasetError} that names the file as the folder does. */
export async function readJsonList(
  { dir, encoding }: ListingSource,
  file: string,
  longIntegers?: LongIntegers,
): Promise<unknown> {
  const { size } = await stat(join(dir, file));
  if (size > MAX_JSON_BYTES) {
    const reason = `${file}: the list has ${size} bytes, the limit is ${MAX_JSON_BYTES}; make it JSON lines or CSV`;
    throw new DatasetError('TOO_LARGE', reason, { path: file });
  }
  return readJson(join(dir, file), { name: file, encoding, ...(longIntegers && { longIntegers }) });
}

/** A JSON file as a list that could be read, or the reason why it could not. */
export type JsonListRead =
  | { readonly file: string; readonly value: unknown }
  | { readonly file: string; readonly fault: DatasetError };

/** Every JSON file near the top, read; a broken one comes as its fault. */
export async function* readJsonLists(
  source: ListingSource,
  longIntegers?: LongIntegers,
): AsyncGenerator<JsonListRead> {
  for (const file of jsonFiles(source)) {
    try {
      yield { file, value: await readJsonList(source, file, longIntegers) };
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      yield { file, fault: error };
    }
  }
}

/** Whether a JSON file that cannot be parsed was meant as a list of pictures: its first characters hold a key that such
 *  lists have. A broken setting of some other program is nobody's list. */
export async function looksLikeList({ dir, encoding }: ListingSource, file: string): Promise<boolean> {
  const head = await textHead(join(dir, file), encoding);
  return /"(images|annotations|file_name|filename|image|image_id|caption|captions)"\s*:/.test(head);
}
