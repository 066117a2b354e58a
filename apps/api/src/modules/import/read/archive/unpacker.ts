import { constants, copyFile, lstat, mkdir, open, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemErrorCode } from '../../../../platform/errors.js';
import { isClutter } from '../../list/walk-folder.js';
import { ArchiveError, type ArchiveLimits, EntryRefusal } from './archive-limits.js';
import { entryPath } from './entry-path.js';

export interface ArchiveEntry {
  /** As the archive has it. */
  readonly name: string;
  readonly modified: Date | null;
  /** Size when unpacked, as the archive says; what really comes is counted as well. */
  readonly size: number;
  /** Null where entries are not packed one by one. */
  readonly packedSize: number | null;
  /** Why the entry is nothing that is unpacked, such as a link. */
  readonly refusal: EntryRefusal | null;
  /** Name of the earlier entry that this one is another name of (a hard link), or null. */
  readonly linkTo: string | null;
  open(): Promise<Readable>;
}

export interface UnpackOptions {
  /** A folder of our own that is there and empty. */
  readonly folder: string;
  readonly limits: ArchiveLimits;
  readonly signal: AbortSignal;
  /** Is told of each entry that is not taken. */
  refuse(path: string, code: string, reason: string): Promise<void>;
  /** Whether the content of an entry is wanted; otherwise an empty file stands for it. */
  wanted?(path: string): boolean;
  /** Whether to go on after so many entries; asked before each. */
  goOn?(entries: number): boolean;
  /** Is told how many entries there were so far. */
  onProgress?(entries: number): Promise<void>;
}

const PROGRESS_EVERY = 500;

/** Writes entries of an archive into a folder, one at a time and nothing outside it. */
export function createUnpacker(options: UnpackOptions, packedBytes: number) {
  const { limits, folder } = options;
  const totals = { entries: 0, bytes: 0 };

  function countEntry(): void {
    totals.entries += 1;
    if (totals.entries > limits.maxEntries) {
      throw new ArchiveError(`The archive has more than ${limits.maxEntries} entries, which is the limit.`);
    }
  }

  function countBytes(bytes: number): void {
    totals.bytes += bytes;
    if (totals.bytes > limits.maxTotalBytes) {
      throw new ArchiveError(`The archive unpacks to more than ${limits.maxTotalBytes} bytes, the limit.`);
    }
    const unpacksFar = totals.bytes > 16 * limits.ratioFromBytes;
    if (unpacksFar && totals.bytes > packedBytes * limits.maxRatio) {
      throw new ArchiveError(
        `The archive unpacks to more than ${limits.maxRatio} times its size: that is no archive of pictures.`,
      );
    }
  }

  /** Takes an entry, or tells why not. What it does not read is left for the caller to pass over.
   *  @returns false where nothing more is wanted; the entry was not taken. */
  return async function unpack(entry: ArchiveEntry): Promise<boolean> {
    options.signal.throwIfAborted();
    if (options.goOn?.(totals.entries) === false) return false;
    countEntry();
    if (totals.entries % PROGRESS_EVERY === 0) await options.onProgress?.(totals.entries);
    try {
      const path = entryPath(entry.name);
      const isSystem = path.split('/').some(isClutter);
      if (entry.refusal !== null && !isSystem) throw entry.refusal;
      checkSize(entry, limits);
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      // Of what is passed over a name is enough: it is counted.
      if (isSystem) await (await open(target, 'wx')).close();
      else if (entry.linkTo !== null) await copyEntry(folder, entry.linkTo, target, countBytes);
      else if (options.wanted?.(path) === false) await (await open(target, 'wx')).close();
      else await write(entry, target, limits, countBytes);
    } catch (error) {
      const refusal = refusalOf(error);
      await options.refuse(entry.name, refusal.code, refusal.message);
    }
    return true;
  };
}

/** Another name of a file that came before: as a folder would have it, the same file twice. */
async function copyEntry(
  folder: string,
  name: string,
  target: string,
  countBytes: (bytes: number) => void,
): Promise<void> {
  const source = join(folder, entryPath(name));
  const info = await lstat(source).catch(() => null);
  if (info?.isFile() !== true) {
    const reason = `a hard link to "${name}", which is not among the files that come before it`;
    throw new EntryRefusal('LINK_IN_ARCHIVE', reason);
  }
  countBytes(info.size);
  await copyFile(source, target, constants.COPYFILE_EXCL);
  await utimes(target, info.atime, info.mtime);
}

function checkSize({ size, packedSize }: ArchiveEntry, limits: ArchiveLimits): void {
  if (size > limits.maxEntryBytes) {
    throw new EntryRefusal(
      'TOO_LARGE',
      `the file has ${size} bytes unpacked; the limit is ${limits.maxEntryBytes}`,
    );
  }
  if (packedSize !== null && size > limits.ratioFromBytes && size > packedSize * limits.maxRatio) {
    const times = Math.round(size / Math.max(1, packedSize));
    throw new EntryRefusal(
      'PACKED_TOO_TIGHT',
      `the file unpacks to ${times} times its size; the limit is ${limits.maxRatio}, as no picture shrinks like that`,
    );
  }
}

async function write(
  entry: ArchiveEntry,
  target: string,
  limits: ArchiveLimits,
  countBytes: (bytes: number) => void,
): Promise<void> {
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      try {
        countBytes(chunk.length);
        if (size > limits.maxEntryBytes) checkSize({ ...entry, size }, limits);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // `wx`: a second entry of the same name does not replace the first. Opened before the entry is: one of a tar file
  // that was begun and dropped would end the whole archive.
  const file = await open(target, 'wx');
  try {
    await pipeline(await entry.open(), counted, file.createWriteStream());
  } catch (error) {
    await file.close().catch(() => {});
    await rm(target, { force: true });
    throw error;
  }
  // So that the same archive again is known to be unchanged.
  const { modified } = entry;
  if (modified !== null && !Number.isNaN(modified.getTime())) {
    await utimes(target, modified, modified).catch(() => {});
  }
}

/** @throws what is a fault of the whole archive or of this machine, and not of one entry. */
function refusalOf(error: unknown): { code: string; message: string } {
  if (error instanceof EntryRefusal) return error;
  const code = systemErrorCode(error);
  switch (code) {
    case 'EEXIST':
      return { code: 'LISTED_TWICE', message: 'an earlier entry of the archive has the same name' };
    case 'ENOTDIR':
    case 'EISDIR':
      return { code: 'BAD_NAME', message: 'the name is that of a file and of a folder' };
    case 'ENAMETOOLONG':
      return { code: 'NAME_TOO_LONG', message: 'the name is too long for this system' };
    case 'EILSEQ':
    case 'EINVAL':
      return { code: 'BAD_NAME', message: 'this system cannot have a file of that name' };
    default:
      throw error;
  }
}
