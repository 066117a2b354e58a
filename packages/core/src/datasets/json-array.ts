import { DatasetError } from './dataset-error.js';
import { type LongIntegers, parseJsonText } from './json-text.js';
import { shown } from './shown.js';
import { readText, type TextEncoding } from './text-file.js';

export type JsonRow = Readonly<Record<string, unknown>>;

export interface JsonReading {
  /** Name of the file in messages; its path where absent. */
  readonly name?: string;
  /** As detected where absent. */
  readonly encoding?: TextEncoding | undefined;
  readonly longIntegers?: LongIntegers;
}

/** Reads a JSON file, whatever its encoding. @throws {DatasetError} `BAD_JSON` with the place. */
export async function readJson(path: string, reading: JsonReading = {}): Promise<unknown> {
  const { name = path, encoding, longIntegers } = reading;
  return parseJsonText(await readText(path, encoding), name, longIntegers);
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
