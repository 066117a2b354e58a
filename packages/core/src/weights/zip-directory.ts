import type { FileHandle } from 'node:fs/promises';
import { readExactly } from './read-exactly.js';
import { WeightsFormatError } from './weights-error.js';

/** One stored (uncompressed) file of a zip archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: number;
  /** Where its local header starts. */
  readonly headerStart: number;
}

// Signatures and field offsets: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3.
const END_SIGNATURE = 0x06054b50;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const ZIP64_END_SIGNATURE = 0x06064b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65535;

/** A checkpoint has a file for each storage; a million is far past any model and still parses in a second. */
const MAX_ENTRIES = 1_000_000;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Reads the central directory of a zip archive, zip64 included.
 *  @throws {WeightsFormatError} for a truncated archive, or an entry that is compressed or encrypted. */
export async function readZipDirectory(path: string, file: FileHandle): Promise<Map<string, ZipEntry>> {
  const { size } = await file.stat();
  const { count, start, bytes } = await findDirectory(path, file, size);
  if (count > MAX_ENTRIES || start + bytes > size) {
    throw new WeightsFormatError(
      path,
      `its zip directory (${count} entries at byte ${start}) does not fit the file`,
    );
  }
  const directory = await readExactly(path, file, start, bytes);
  const entries = new Map<string, ZipEntry>();
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = parseCentralEntry(path, directory, offset);
    if (entries.has(entry.name))
      throw new WeightsFormatError(path, `its zip directory lists "${entry.name}" twice`);
    entries.set(entry.name, entry);
    offset = next;
  }
  return entries;
}

/** Bytes `start … start+length` of an entry; the whole entry by default. */
export async function readZipEntry(
  path: string,
  file: FileHandle,
  entry: ZipEntry,
  start = 0,
  length = entry.bytes - start,
): Promise<Uint8Array> {
  if (start < 0 || length < 0 || start + length > entry.bytes) {
    throw new WeightsFormatError(
      path,
      `"${entry.name}" has ${entry.bytes} bytes, bytes ${start} to ${start + length} were asked for`,
    );
  }
  const header = viewOf(await readExactly(path, file, entry.headerStart, 30));
  if (header.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw new WeightsFormatError(path, `"${entry.name}" is not where the zip directory says`);
  }
  const dataStart = entry.headerStart + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  return readExactly(path, file, dataStart + start, length);
}

async function findDirectory(
  path: string,
  file: FileHandle,
  size: number,
): Promise<{ count: number; start: number; bytes: number }> {
  const tailStart = Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = viewOf(await readExactly(path, file, tailStart, size - tailStart));
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END_SIGNATURE) at--;
  if (at < 0)
    throw new WeightsFormatError(path, 'has no zip directory at its end; truncated, or not a zip archive');
  const count = tail.getUint16(at + 10, true);
  const bytes = tail.getUint32(at + 12, true);
  const start = tail.getUint32(at + 16, true);
  if (count !== 0xffff && bytes !== 0xffffffff && start !== 0xffffffff) return { count, bytes, start };
  const locator = viewOf(await readExactly(path, file, Math.max(0, tailStart + at - 20), 20));
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR_SIGNATURE) return { count, bytes, start };
  const end = viewOf(await readExactly(path, file, safe(path, locator.getBigUint64(8, true)), 56));
  if (end.getUint32(0, true) !== ZIP64_END_SIGNATURE)
    throw new WeightsFormatError(path, 'its zip64 directory is damaged');
  return {
    count: safe(path, end.getBigUint64(32, true)),
    bytes: safe(path, end.getBigUint64(40, true)),
    start: safe(path, end.getBigUint64(48, true)),
  };
}

function parseCentralEntry(
  path: string,
  directory: Uint8Array,
  at: number,
): { entry: ZipEntry; next: number } {
  const view = viewOf(directory);
  const damaged = (): WeightsFormatError =>
    new WeightsFormatError(path, `its zip directory is damaged at byte ${at}`);
  if (at + 46 > directory.length || view.getUint32(at, true) !== CENTRAL_SIGNATURE) throw damaged();
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
  if (next > directory.length) throw damaged();
  const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameBytes));
  const isEncrypted = (view.getUint16(at + 8, true) & 1) === 1;
  const method = view.getUint16(at + 10, true);
  if (method !== 0 || isEncrypted) {
    throw new WeightsFormatError(
      path,
      `"${name}" is ${isEncrypted ? 'encrypted' : 'compressed'}; PyTorch stores its files plainly, so this is no checkpoint of its making`,
    );
  }
  const packed = view.getUint32(at + 20, true);
  const wide = zip64Fields(path, view, at + 46 + nameBytes, extraBytes, [
    view.getUint32(at + 24, true),
    packed,
    view.getUint32(at + 42, true),
  ]);
  return { entry: { name, bytes: wide[0], headerStart: wide[2] }, next };
}

/** Sizes and offset, each replaced by its 64-bit value where the 32-bit one is all ones. */
function zip64Fields(
  path: string,
  view: DataView,
  extraStart: number,
  extraBytes: number,
  narrow: readonly [number, number, number],
): [number, number, number] {
  const values: [number, number, number] = [...narrow];
  const end = extraStart + extraBytes;
  for (let at = extraStart; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    for (const [i, value] of narrow.entries()) {
      if (value !== 0xffffffff || field + 8 > end) continue;
      values[i] = safe(path, view.getBigUint64(field, true));
      field += 8;
    }
  }
  return values;
}

function safe(path: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new WeightsFormatError(path, `names byte ${value}; damaged`);
  return Number(value);
}
