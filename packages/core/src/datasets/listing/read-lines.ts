import { createReadStream } from 'node:fs';

export interface FileLine {
  /** From 1. */
  readonly line: number;
  /** Null where the line is longer than the limit. */
  readonly text: string | null;
}

/** Longest line that is read, in bytes: above any record in use, below what a hostile file would fill memory with. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** Reads a UTF-8 text line by line, whatever its length; a byte-order mark and the ends of lines are dropped. Only a line
 *  feed ends a line: Node's readline has others since version 24, such as U+2028, that stand in JSON as they are. */
export async function* readLines(path: string): AsyncGenerator<FileLine> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let line = 0;
  const finished = (): FileLine => {
    line += 1;
    const text = bytes > MAX_LINE_BYTES ? null : Buffer.concat(parts).toString('utf8');
    parts = [];
    bytes = 0;
    return { line, text: text && (line === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '') };
  };
  for await (const chunk of createReadStream(path)) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      keep(rest.subarray(0, end));
      yield finished();
      rest = rest.subarray(end + 1);
    }
    keep(rest);
  }
  if (bytes > 0) yield finished();

  function keep(part: Buffer): void {
    bytes += part.length;
    if (bytes <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  }
}
