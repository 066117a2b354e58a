import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { systemErrorCode } from '../../../../platform/errors.js';
import { ArchiveError, EntryRefusal } from './archive-limits.js';
import { createUnpacker, type UnpackOptions } from './unpacker.js';
import { zipNameReader } from './zip-names.js';

/** Unpacks a zip file entry by entry. @throws {ArchiveError} where it is encrypted or damaged as a whole. */
export async function unpackZip(path: string, options: UnpackOptions): Promise<void> {
  const { size } = await stat(path);
  const readName = await namesOf(path, options.limits.maxEntries);
  const zip = await openZip(path);
  const unpack = createUnpacker(options, size);
  try {
    for await (const entry of entriesOf(zip)) {
      if (entry.isEncrypted()) {
        throw new ArchiveError('The archive is encrypted; pack it again without a password.');
      }
      const name = nameOf(entry, readName);
      if (name.endsWith('/')) continue;
      const more = await unpack({
        name,
        modified: entry.getLastModDate(),
        size: entry.uncompressedSize,
        packedSize: entry.compressedSize,
        refusal: refusalOf(entry),
        linkTo: null,
        open: async () => {
          const content = await zip.openReadStreamPromise(entry).catch(damagedEntry);
          const checked = content.pipe(withChecksum(entry.crc32));
          content.on('error', (error) => checked.destroy(asDamaged(error)));
          return checked;
        },
      });
      if (!more) break;
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

/** Looks through the names of the whole file, for they are all in one encoding and few tell which.
 *  @param most entries that are looked at. */
async function namesOf(path: string, most: number): Promise<(name: Uint8Array) => string> {
  const zip = await openZip(path);
  const unsaid: Uint8Array[] = [];
  let seen = 0;
  try {
    for await (const entry of entriesOf(zip)) {
      if (++seen > most) break;
      if (!tellsEncoding(entry)) unsaid.push(entry.fileNameRaw);
    }
  } finally {
    zip.close();
  }
  return zipNameReader(unsaid);
}

/** Whether an entry says that its name is UTF-8, by its flag or by a field of its own. */
const tellsEncoding = ({ generalPurposeBitFlag, extraFields }: Entry): boolean =>
  (generalPurposeBitFlag & 0x800) !== 0 || extraFields.some(({ id }) => id === 0x7075);

function nameOf(entry: Entry, readName: (name: Uint8Array) => string): string {
  const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
  return tellsEncoding(entry)
    ? yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false)
    : readName(fileNameRaw).replaceAll('\\', '/');
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
