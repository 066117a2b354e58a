import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract, type Header } from 'tar-stream';
import { systemErrorCode } from '../../../../platform/errors.js';
import { fileNameText } from '../file-name.js';
import { ArchiveError, EntryRefusal } from './archive-limits.js';
import { createUnpacker, type UnpackOptions } from './unpacker.js';

/** An option of the library that its types lack. */
const AS_BYTES = { filenameEncoding: 'latin1' } as object;

/** Unpacks a tar file, gzipped or not, in one pass. @throws {ArchiveError} where it is damaged. */
export async function unpackTar(path: string, options: UnpackOptions): Promise<void> {
  const { size } = await stat(path);
  const unpack = createUnpacker(options, size);
  // As bytes, one letter each: what is no UTF-8 would come as the same sign for every letter.
  const entries = extract(AS_BYTES);
  const input = createReadStream(path);
  const unzipped = /gz$/i.test(path) ? [createGunzip()] : [];
  const feeding = pipeline([input, ...unzipped, entries]).catch((error: unknown) => error);
  // An entry of no end is passed over for as long as it comes.
  const stop = () => input.destroy();
  options.signal.addEventListener('abort', stop, { once: true });
  let found = 0;
  try {
    for await (const entry of entries) {
      found += 1;
      const { header } = entry;
      if (header.type !== 'directory') {
        const more = await unpack({
          name: nameOf(header.name, paxOf(header).path),
          modified: header.mtime,
          size: header.size,
          packedSize: null,
          refusal: refusalOf(header.type),
          linkTo: header.type === 'link' ? nameOf(header.linkname ?? '', paxOf(header).linkpath) : null,
          // By iteration: Node's pipeline does not see the errors of the library's streams.
          open: async () => Readable.from(entry),
        });
        if (!more) return;
      }
      await drained(entry);
    }
    const failure = await feeding;
    if (failure instanceof Error) throw failure;
  } catch (error) {
    options.signal.throwIfAborted();
    if (isOurs(error)) throw error;
    // What the reader says is only that its source ended; the source says why.
    throw damaged((await feeding) ?? error);
  } finally {
    options.signal.removeEventListener('abort', stop);
    input.destroy();
  }
  if (found === 0) throw new ArchiveError('The archive is empty or no tar file.');
}

const paxOf = ({ pax }: Header): { readonly path?: string; readonly linkpath?: string } => pax ?? {};

/** A name as text. Names of the newer form (pax) are UTF-8 and were read as such. */
const nameOf = (name: string, pax: string | undefined): string =>
  pax === undefined ? fileNameText(Buffer.from(name, 'latin1')) : name;

type TarEntry = Extract extends AsyncIterable<infer Entry> ? Entry : never;

/** Passes over what was not read of an entry. */
async function drained(entry: TarEntry): Promise<void> {
  if (entry.destroyed) return;
  const ended = new Promise<void>((done) => entry.once('close', done).once('error', () => done()));
  entry.resume();
  await ended;
}

function refusalOf(type: Header['type']): EntryRefusal | null {
  if (type === 'file' || type === 'contiguous-file' || type === 'link') return null;
  if (type === 'symlink') {
    return new EntryRefusal('LINK_IN_ARCHIVE', 'a symbolic link, which is not followed');
  }
  return new EntryRefusal('NOT_A_FILE', 'a device, pipe or other thing that is no file');
}

/** Not the archive's fault: our limits, our disk, or a person who stopped it. */
const isOurs = (error: unknown): boolean =>
  error instanceof Error &&
  (error instanceof ArchiveError ||
    error.name === 'AbortError' ||
    error.name === 'TimeoutError' ||
    ('errno' in error && !String(systemErrorCode(error)).startsWith('Z_')));

function damaged(error: unknown): ArchiveError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ArchiveError(`The archive is damaged or no tar file: ${reason}.`, error);
}
