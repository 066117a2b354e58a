import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** Encodings of the WHATWG standard that lists of pictures are met in. */
export const TEXT_ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'iso-8859-2',
  'iso-8859-15',
  'shift_jis',
  'euc-jp',
  'gbk',
  'big5',
  'euc-kr',
] as const;
export type TextEncoding = (typeof TEXT_ENCODINGS)[number];

const HEAD_BYTES = 64 * 1024;

/** Finds out how a text file is encoded: its byte-order mark; else every second byte zero, as Latin letters are in
 *  UTF-16; else UTF-8 where that reads it; else Windows-1252, which reads anything. A text of which most letters
 *  beyond ASCII are good UTF-8 is UTF-8 with some damage: its bad bytes are read as U+FFFD. */
export async function detectEncoding(path: string): Promise<TextEncoding> {
  const head = await readHead(path);
  return markOf(head) ?? wideLetters(head) ?? ((await isMostlyUtf8(path)) ? 'utf-8' : 'windows-1252');
}

/** A text file piece by piece, its byte-order mark dropped.
 *  @param encoding as detected unless it is given. */
export async function* textChunks(path: string, encoding?: TextEncoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding ?? (await detectEncoding(path)));
  for await (const chunk of createReadStream(path)) {
    const text = decoder.decode(chunk as Buffer, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/** A text file whole, see {@link textChunks}. */
export async function readText(path: string, encoding?: TextEncoding): Promise<string> {
  const parts: string[] = [];
  for await (const text of textChunks(path, encoding)) parts.push(text);
  return parts.join('');
}

/** The first 64 kB of a text file; the last character may be half of one. */
export async function textHead(path: string, encoding?: TextEncoding): Promise<string> {
  const head = await readHead(path);
  return new TextDecoder(encoding ?? (await detectEncoding(path))).decode(head, { stream: true });
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function markOf(head: Buffer): TextEncoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return null;
}

/** UTF-16 without a mark: delimiters, digits and line ends alone make every tenth unit one with a zero byte. */
function wideLetters(head: Buffer): TextEncoding | null {
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < head.length; i += 2) {
    if (head[i] === 0) even++;
    if (head[i + 1] === 0) odd++;
  }
  const units = head.length / 2;
  if (odd > units / 10 && even < odd / 10) return 'utf-16le';
  if (even > units / 10 && odd < even / 10) return 'utf-16be';
  return null;
}

/** Whether the bytes beyond ASCII are UTF-8, all of them or at least two letters for each that is none. */
async function isMostlyUtf8(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8');
  let [good, bad] = [0, 0];
  const count = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 0xfffd) bad++;
      else if (unit > 127) good++;
    }
  };
  for await (const chunk of createReadStream(path)) count(decoder.decode(chunk as Buffer, { stream: true }));
  count(decoder.decode());
  return bad * 2 <= good;
}
