import { readFile } from 'node:fs/promises';
import { DatasetError } from './dataset-error.js';
import { shown } from './shown.js';

export type JsonRow = Readonly<Record<string, unknown>>;

/** Reads a JSON file, byte-order mark allowed. @throws {DatasetError} `BAD_JSON` */
export async function readJson(path: string): Promise<unknown> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatasetError('BAD_JSON', `${path}: not valid JSON: ${reason}`, { path }, cause);
  }
}

/** Whether a value is a list of JSON objects. */
export const isRowArray = (value: unknown): value is JsonRow[] =>
  Array.isArray(value) &&
  value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));

/** A text field of a row. @throws {DatasetError} `BAD_RECORD` that names file, index and key. */
export function rowText(path: string, row: JsonRow, index: number, key: string): string {
  const value = row[key];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new DatasetError(
    'BAD_RECORD',
    `${path}[${index}]: "${key}": expected a text that is not empty, got ${shown(value)}`,
    {
      path,
      index,
      key,
    },
  );
}
