import { lstat } from 'node:fs/promises';
import { join, sep } from 'node:path';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const windows1252 = new TextDecoder('windows-1252');

/** A file's name as text: UTF-8 where it is that, else Windows-1252, which gives every byte a letter of its own. So two
 *  names that differ stay apart, and {@link fileNameBytes} leads back to the file. */
export function fileNameText(name: Uint8Array): string {
  try {
    return utf8.decode(name);
  } catch {
    return windows1252.decode(name);
  }
}

let letters: ReadonlyMap<string, number> | undefined;

/** The bytes of a name that {@link fileNameText} read as Windows-1252; null for a name that cannot have been one. */
export function fileNameBytes(name: string): Buffer | null {
  letters ??= new Map(
    Array.from({ length: 256 }, (_, byte) => [windows1252.decode(Uint8Array.of(byte)), byte] as const),
  );
  const bytes: number[] = [];
  for (const letter of name) {
    const byte = letters.get(letter);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return bytes.some((byte) => byte > 127) ? Buffer.from(bytes) : null;
}

/** Path of a file below a folder, as bytes where one of its names is no UTF-8 on disk.
 *  @param path with `/`, its names as {@link fileNameText} writes them. */
export async function placeOnDisk(root: string, path: string): Promise<Buffer> {
  const plain = Buffer.from(join(root, path));
  if (!/[^\0-\x7f]/.test(path) || (await isThere(plain))) return plain;
  let place = Buffer.from(root);
  for (const part of path.split('/')) {
    const below = (name: Buffer) => Buffer.concat([place, Buffer.from(sep), name]);
    const written = below(Buffer.from(part));
    const bytes = fileNameBytes(part);
    place = bytes !== null && !(await isThere(written)) ? below(bytes) : written;
  }
  return (await isThere(place)) ? place : plain;
}

const isThere = (path: Buffer): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
