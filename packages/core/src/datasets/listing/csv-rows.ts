import { type TextEncoding, textChunks, textHead } from '../text-file.js';

export interface CsvRow {
  /** Line on which the row begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** The row holds a quote that opens a cell and never closes it; its cells were cut as if it were a letter. */
  readonly openQuote?: true;
}

/** A row that cannot be read; those after it can. */
export interface CsvFault {
  readonly line: number;
  readonly fault: string;
}

// A row holds captions, not files; and a quote that is never closed must not fill the memory.
const MAX_ROW_LENGTH = 1024 * 1024;
const DELIMITERS = [',', '\t', ';', '|'] as const;
/** What Excel puts first to say which delimiter it wrote. */
const SEPARATOR_LINE = /^sep=(.)$/i;

/** Reads a CSV file row by row, whatever its length: quotes (RFC 4180), line breaks in quotes, a byte-order mark, blank
 *  lines, Excel's `sep=;`. The delimiter is the one that its first line holds most of. Cells are trimmed.
 *
 *  A cell is quoted only if a closing quote stands before a delimiter or the end of the line; else its quotes are part
 *  of the text, as in `"Sunset" over the bay`. Written by hand because parsers that refuse such a cell lose the rest of
 *  the file with it. */
export async function* csvRows(path: string, encoding?: TextEncoding): AsyncGenerator<CsvRow | CsvFault> {
  const { delimiter, skip } = layoutOf(await textHead(path, encoding));
  let text = '';
  let line = 1;
  let skipped = 0;
  let isTooLong = false;
  const chunks = textChunks(path, encoding);
  for (let final = false; !final; ) {
    const { value, done } = await chunks.next();
    final = done === true;
    text += value ?? '';
    let at = 0;
    for (;;) {
      const row = rowAt(text, at, delimiter, final);
      if (row === null) break;
      const began = line;
      line += row.lines;
      at = row.end;
      if (isTooLong) isTooLong = false;
      else if (row.cells.every((cell) => cell === '')) continue;
      else if (skipped < skip) skipped++;
      else if (row.end - row.start > MAX_ROW_LENGTH) yield tooLong(began);
      else yield { line: began, cells: row.cells, ...(row.openQuote && { openQuote: true }) };
    }
    text = text.slice(at);
    if (text.length <= 2 * MAX_ROW_LENGTH) continue;
    // A line without an end: what was read of it goes, and its row with it.
    if (!isTooLong) yield tooLong(line);
    isTooLong = true;
    text = text.slice(-1);
  }
}

const tooLong = (line: number): CsvFault => ({
  line,
  fault: `a row of more than ${MAX_ROW_LENGTH} characters`,
});

function layoutOf(head: string): { delimiter: string; skip: number } {
  const first = head.split(/\r\n|\n|\r/).find((line) => line.trim() !== '') ?? '';
  const told = SEPARATOR_LINE.exec(first.trim() === 'sep=' ? first : first.trim())?.[1];
  if (told !== undefined) return { delimiter: told, skip: 1 };
  const unquoted = first.replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length);
  return { delimiter: DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',', skip: 0 };
}

interface ReadRow {
  readonly cells: string[];
  readonly start: number;
  readonly end: number;
  /** Line breaks that it took. */
  readonly lines: number;
  readonly openQuote: boolean;
}

/** The row that begins at a place; null where more of the text is needed to know where it ends. */
function rowAt(text: string, start: number, delimiter: string, final: boolean): ReadRow | null {
  const cells: string[] = [];
  let openQuote = false;
  for (let at = start; ; ) {
    if (at >= text.length) {
      if (!final || (at === start && cells.length === 0)) return null;
      return { cells: [...cells, ''], start, end: at, lines: 1, openQuote };
    }
    const cell = cellAt(text, at, delimiter, final);
    if (cell === null) return null;
    cells.push(cell.value);
    openQuote ||= cell.openQuote;
    if (text[cell.end] === delimiter) {
      at = cell.end + 1;
      continue;
    }
    const end = afterLineBreak(text, cell.end, final);
    if (end === null) return null;
    return {
      cells,
      start,
      end,
      lines: linesBetween(text, start, end) + (end === cell.end ? 1 : 0),
      openQuote,
    };
  }
}

interface ReadCell {
  readonly value: string;
  /** Where its delimiter or line break stands, or the end of the text. */
  readonly end: number;
  readonly openQuote: boolean;
}

function cellAt(text: string, at: number, delimiter: string, final: boolean): ReadCell | null {
  const begin = afterBlanks(text, at, delimiter);
  let openQuote = false;
  if (text[begin] === '"') {
    const quoted = quotedCell(text, begin, delimiter, final);
    if (quoted === null) return null;
    if (typeof quoted !== 'string') return { ...quoted, openQuote: false };
    openQuote = quoted === 'never closed';
  }
  let end = begin;
  while (end < text.length && text[end] !== delimiter && !isLineBreak(text[end])) end++;
  if (end >= text.length && !final) return null;
  return { value: text.slice(begin, end).trim(), end, openQuote };
}

/** The cell whose opening quote stands at a place, or why its quotes are text; null where more text is needed. */
function quotedCell(
  text: string,
  open: number,
  delimiter: string,
  final: boolean,
): Omit<ReadCell, 'openQuote'> | 'words after its quote' | 'never closed' | null {
  for (let from = open + 1; ; ) {
    const close = text.indexOf('"', from);
    const looked = (close < 0 ? text.length : close) - open;
    if (looked > MAX_ROW_LENGTH) return 'never closed';
    if (close < 0) return final ? 'never closed' : null;
    if (text[close + 1] === '"') {
      from = close + 2;
      continue;
    }
    const end = afterBlanks(text, close + 1, delimiter);
    if (end >= text.length && !final) return null;
    if (end < text.length && text[end] !== delimiter && !isLineBreak(text[end])) {
      // A quote on a later line opens another cell: this one was never closed.
      return linesBetween(text, open, close) > 0 ? 'never closed' : 'words after its quote';
    }
    return {
      value: text
        .slice(open + 1, close)
        .replaceAll('""', '"')
        .trim(),
      end,
    };
  }
}

function afterBlanks(text: string, at: number, delimiter: string): number {
  let end = at;
  while ((text[end] === ' ' || text[end] === '\t') && text[end] !== delimiter) end++;
  return end;
}

const isLineBreak = (letter: string | undefined): boolean => letter === '\n' || letter === '\r';

/** Past the line break at a place; null where its second half may still come. */
function afterLineBreak(text: string, at: number, final: boolean): number | null {
  if (text[at] === '\r') {
    if (at + 1 >= text.length && !final) return null;
    return text[at + 1] === '\n' ? at + 2 : at + 1;
  }
  return text[at] === '\n' ? at + 1 : at;
}

function linesBetween(text: string, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    if (text[i] === '\n' || (text[i] === '\r' && text[i + 1] !== '\n')) count++;
  }
  return count;
}
