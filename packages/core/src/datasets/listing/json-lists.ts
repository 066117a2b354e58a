import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../dataset-error.js';
import { extensionOf } from '../file-index.js';
import { readJson } from '../json-array.js';
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
export async function readJsonList(dir: string, file: string): Promise<unknown> {
  const { size } = await stat(join(dir, file));
  if (size > MAX_JSON_BYTES) {
    const reason = `${file}: the list has ${size} bytes, the limit is ${MAX_JSON_BYTES}; make it JSON lines or CSV`;
    throw new DatasetError('TOO_LARGE', reason, { path: file });
  }
  return readJson(join(dir, file));
}
