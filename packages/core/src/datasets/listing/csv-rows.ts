import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';

export interface CsvRow {
  /** Line on which the row ends, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A text that is no CSV from some line on. */
export class CsvFault extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'CsvFault';
    this.line = line;
  }
}

// A row holds captions, not files; and a quote that is never closed must not fill the memory.
const MAX_ROW_BYTES = 1024 * 1024;
const DELIMITERS = [',', '\t', ';', '|'] as const;

/** Reads a CSV file row by row, whatever its length: quotes, line breaks in quotes, a byte-order mark; the delimiter
 *  is the one that its first line holds most of. Cells are trimmed. @throws {CsvFault} */
export async function* csvRows(path: string): AsyncGenerator<CsvRow> {
  const parser = parse({
    bom: true,
    delimiter: await delimiterOf(path),
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: MAX_ROW_BYTES,
  });
  const input = createReadStream(path);
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const { record, info } of parser) yield { line: info.lines, cells: record };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error ? Number(error.lines) : 0;
    throw new CsvFault(line, error.message.replace(/, value is .*$/s, ''));
  } finally {
    input.destroy();
  }
}

async function delimiterOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
    const [first = ''] = buffer.subarray(0, bytesRead).toString('utf8').split(/\r?\n/);
    const unquoted = first.replaceAll(/"[^"]*"/g, '');
    const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length);
    return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
  } finally {
    await file.close();
  }
}
