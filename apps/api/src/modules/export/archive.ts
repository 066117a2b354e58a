import { createReadStream } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import yazl from 'yazl';

/** A file of an archive: one on disk, or a small one at hand. */
export type ArchiveFile =
  | { readonly name: string; readonly path: string; readonly size: number }
  | { readonly name: string; readonly bytes: Buffer };

export interface Archive {
  /** Bytes of the whole. */
  readonly size: number;
  readonly stream: Readable;
  /** Lets go of the file that is being read. */
  destroy(): void;
}

/** A zip file that is written while it is read, one file open at a time. Nothing is compressed: pictures are already,
 *  and so the size is known beforehand. The same files and date give the same bytes. */
export async function createArchive(files: readonly ArchiveFile[], date: Date): Promise<Archive> {
  const zip = new yazl.ZipFile();
  const stream = new PassThrough();
  let current: Readable | undefined;
  let destroyed = false;
  const options = { compress: false, mtime: date };
  for (const file of files) {
    if ('bytes' in file) {
      zip.addBuffer(file.bytes, file.name, options);
      continue;
    }
    zip.addReadStreamLazy(file.name, { ...options, size: file.size }, (give) => {
      // Nobody reads any more: with no next file the archive stands still and is forgotten.
      if (destroyed) return;
      current = createReadStream(file.path);
      current.once('error', (error) => stream.destroy(error));
      give(null, current);
    });
  }
  zip.once('error', (error: Error) => stream.destroy(error));
  const size = await new Promise<number>((resolve) => {
    // Its types leave out what the callback is given. Always the long form of the last record: left to itself, the
    // library counts it into the size from 64 KiB of directory on (some 800 files), and writes it from 4 GiB on only.
    zip.end({ forceZip64Format: true, comment: '' }, resolve as () => void);
  });
  zip.outputStream.pipe(stream);
  return {
    size,
    stream,
    destroy() {
      destroyed = true;
      current?.destroy();
      stream.destroy();
    },
  };
}
