import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isUuid } from '../../../platform/database/uuid.js';
import { ApiError, ConflictError, TooLargeError, ValidationError } from '../../../platform/errors.js';
import type { RegistryFolder } from '../registry-folder.js';

/** Files of a model on their way from a browser, in a folder of each upload. */
export interface IncomingModels {
  folder(uploadId: string): string;
  /** How much of a file has arrived. */
  received(uploadId: string, file: string): Promise<number>;
  /** Appends to a file, which must be just that long already. @throws {ConflictError} where it is not. */
  append(
    uploadId: string,
    file: string,
    offset: number,
    body: Readable,
    bytes: number | null,
  ): Promise<number>;
  remove(uploadId: string): Promise<void>;
  /** Deletes what nobody came back for in a day. */
  sweep(): Promise<void>;
}

/** As many as a model in many pieces has. */
const MAX_FILES = 200;
const KEPT_MS = 24 * 3_600_000;
/** What stays free on the disk for everything else. */
const SPARE_BYTES = 512 * 1024 * 1024;

export function createIncomingModels(folder: RegistryFolder): IncomingModels {
  const place = (uploadId: string, file: string) => {
    if (!isUuid(uploadId)) throw ValidationError.at(['upload'], 'expected a UUID that names the upload');
    // Flat, as models are: a name with a separator could reach elsewhere.
    if (!/^[A-Za-z0-9][\w.-]{0,199}$/.test(file))
      throw ValidationError.at(['file'], `"${file.slice(0, 60)}" is no plain file name`);
    return join(folder.incoming(uploadId), file);
  };
  const sizeOf = (path: string) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  return {
    folder: (uploadId) => folder.incoming(uploadId),
    received: (uploadId, file) => sizeOf(place(uploadId, file)),
    async append(uploadId, file, offset, body, bytes) {
      const path = place(uploadId, file);
      await mkdir(folder.incoming(uploadId), { recursive: true });
      const names = await readdir(folder.incoming(uploadId));
      if (names.length >= MAX_FILES && !names.includes(file))
        throw new TooLargeError(`A model has at most ${MAX_FILES} files.`);
      const have = await sizeOf(path);
      if (have !== offset) throw new ConflictError(`${file} has ${have} bytes here: go on from there.`);
      const disk = await statfs(folder.incoming(uploadId));
      if (bytes !== null && disk.bavail * disk.bsize < bytes + SPARE_BYTES) throw new DiskFullError(file);
      try {
        await pipeline(body, createWriteStream(path, { flags: 'a' }));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
          throw new DiskFullError(file);
        throw error;
      }
      return sizeOf(path);
    },
    remove: (uploadId) => rm(folder.incoming(uploadId), { recursive: true, force: true }),
    async sweep() {
      for (const name of await readdir(folder.incomingRoot).catch(() => [])) {
        const path = join(folder.incomingRoot, name);
        const changed = await stat(path).catch(() => null);
        if (changed !== null && Date.now() - changed.mtimeMs > KEPT_MS)
          await rm(path, { recursive: true, force: true });
      }
    },
  };
}

class DiskFullError extends ApiError {
  constructor(file: string) {
    super('DISK_FULL', 507, `The disk has no room for ${file}: make some and send it again.`);
  }
}
