import { type TextEncoding, textChunks } from '../text-file.js';

export interface FileLine {
  /** From 1. */
  readonly line: number;
  /** Null where the line is longer than the limit. */
  readonly text: string | null;
}

/** Longest line that is read, in characters: above any record in use, below what a hostile file would fill memory with. */
export const MAX_LINE_LENGTH = 8 * 1024 * 1024;

/** Reads a text line by line, whatever its length and encoding; a byte-order mark and the ends of lines are dropped.
 *  Only a line feed ends a line: Node's readline has others since version 24, such as U+2028, that stand in JSON as
 *  they are.
 *  @param encoding as detected unless it is given. */
export async function* readLines(path: string, encoding?: TextEncoding): AsyncGenerator<FileLine> {
  let parts: string[] = [];
  let length = 0;
  let line = 0;
  const finished = (): FileLine => {
    line += 1;
    const text = length > MAX_LINE_LENGTH ? null : parts.join('');
    parts = [];
    length = 0;
    return { line, text: text?.replace(/\r$/, '') ?? null };
  };
  for await (const chunk of textChunks(path, encoding)) {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      keep(chunk.slice(from, end));
      yield finished();
      from = end + 1;
    }
    keep(chunk.slice(from));
  }
  if (length > 0) yield finished();
  function keep(part: string): void {
    length += part.length;
    if (length <= MAX_LINE_LENGTH) parts.push(part);
    else parts = [];
  }
}
