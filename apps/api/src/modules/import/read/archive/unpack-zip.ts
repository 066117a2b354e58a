import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { systemErrorCode } from '../../../../platform/errors.js';
import { ArchiveError, EntryRefusal } from './archive-limits.js';
import { createUnpacker, type UnpackOptions } from './unpacker.js';

/** Unpacks a zip file entry by entry. @throws {ArchiveError} where it is encrypted or damaged as a whole. */
export async function unpackZip(path: string, options: UnpackOptions): Promise<void> {
  const { size } = await stat(path);
  const zip = await openZip(path);
  const unpack = createUnpacker(options, size);
  try {
    for await (const entry of entriesOf(zip)) {
      if (entry.isEncrypted()) {
        throw new ArchiveError('The archive is encrypted; pack it again without a password.');
      }
      const name = nameOf(entry);
      if (name.endsWith('/')) continue;
      await unpack({
        name,
        modified: entry.getLastModDate(),
        size: entry.uncompressedSize,
        packedSize: entry.compressedSize,
        refusal: refusalOf(entry),
        open: async () => {
          const content = await zip.openReadStreamPromise(entry).catch(damagedEntry);
          const checked = content.pipe(withChecksum(entry.crc32));
          content.on('error', (error) => checked.destroy(asDamaged(error)));
          return checked;
        },
      });
    }
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    return await yauzl.openPromise(path, { decodeStrings: false, autoClose: false, lazyEntries: true });
  } catch (error) {
    throw damaged(error);
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  const entries = zip.eachEntry()[Symbol.asyncIterator]();
  for (;;) {
    const next = await entries.next().catch((error: unknown) => {
      throw damaged(error);
    });
    if (next.done) return;
    yield next.value;
  }
}

function damaged(error: unknown): Error {
  if (systemErrorCode(error) !== undefined && error instanceof Error) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ArchiveError(`The archive is damaged or no zip file: ${reason}.`, error);
}

const asDamaged = (error: unknown): EntryRefusal =>
  new EntryRefusal(
    'ARCHIVE_DAMAGED',
    `the entry is damaged: ${error instanceof Error ? error.message : String(error)}`,
  );

function damagedEntry(error: unknown): never {
  throw asDamaged(error);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Many programs write UTF-8 without saying so; what is no UTF-8 is of the code page that the format was made with. */
function nameOf(entry: Entry): string {
  const name = yauzl.getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileNameRaw,
    entry.extraFields,
    false,
  );
  const saysSo =
    (entry.generalPurposeBitFlag & 0x800) !== 0 || entry.extraFields.some(({ id }) => id === 0x7075);
  if (saysSo) return name;
  try {
    return utf8.decode(entry.fileNameRaw).replaceAll('\\', '/');
  } catch {
    return name;
  }
}

const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const LINK = 0o120000;

/** Unix systems note what a file is; a link would lead wherever its maker liked. */
function refusalOf({ externalFileAttributes, compressionMethod }: Entry): EntryRefusal | null {
  const type = (externalFileAttributes >>> 16) & TYPE_MASK;
  if (type === LINK) return new EntryRefusal('LINK_IN_ARCHIVE', 'a symbolic link, which is not followed');
  if (type !== 0 && type !== REGULAR) return new EntryRefusal('NOT_A_FILE', 'a device, pipe or socket');
  if (compressionMethod !== 0 && compressionMethod !== 8) {
    const reason = `packed by method ${compressionMethod}; expected store or deflate, which every program can write`;
    return new EntryRefusal('UNSUPPORTED_PACKING', reason);
  }
  return null;
}

function withChecksum(expected: number): Transform {
  let sum = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush(done) {
      done(
        sum === expected
          ? null
          : new EntryRefusal('ARCHIVE_DAMAGED', 'the entry is damaged: its checksum is wrong'),
      );
    },
  });
}
