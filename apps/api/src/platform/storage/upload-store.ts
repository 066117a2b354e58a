import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, isContentHash } from './blob-store.js';
import type { PictureDecoder } from './picture-decoder.js';
import { fileSize, storeFile } from './unfinished.js';

export interface StoredUpload {
  readonly uploadId: string;
  readonly width: number;
  readonly height: number;
}

/** Query pictures that were sent to be searched with. They are named by content and forgotten after a month unused:
 *  a search is passed on by its address, which names them. */
export interface UploadStore {
  /** Decodes it first: what is stored can be searched with. @throws {ImageDecodeError} if the bytes are no usable picture. */
  put(bytes: Uint8Array): Promise<StoredUpload>;
  path(uploadId: string): Promise<string | null>;
  read(uploadId: string): Promise<Buffer | null>;
  /** Deletes one before its time; one that is not there is nothing to delete. */
  remove(uploadId: string): Promise<void>;
  /** Deletes what was not used for a month. @returns how many. */
  sweep(now?: number): Promise<number>;
}

/** How long a picture is kept after its last use. */
export const UPLOAD_KEPT_DAYS = 30;
const KEPT_MS = UPLOAD_KEPT_DAYS * 24 * 3_600_000;

/** Uploads as files under `dataDir`, in a folder of their own. */
export function createUploadStore(dataDir: string, pictures: Pick<PictureDecoder, 'check'>): UploadStore {
  const folder = join(dataDir, 'uploads');
  const fileOf = (uploadId: string) => join(folder, uploadId);

  async function path(uploadId: string): Promise<string | null> {
    if (!isContentHash(uploadId)) return null;
    const file = fileOf(uploadId);
    if ((await fileSize(file)) === null) return null;
    const now = new Date();
    await utimes(file, now, now).catch(() => {});
    return file;
  }

  return {
    path,
    remove: (uploadId) =>
      isContentHash(uploadId) ? rm(fileOf(uploadId), { force: true }) : Promise.resolve(),
    async put(bytes) {
      const { width, height } = await pictures.check(bytes);
      const uploadId = contentHash(bytes);
      if ((await path(uploadId)) === null) await storeFile(dataDir, fileOf(uploadId), bytes);
      return { uploadId, width, height };
    },
    async read(uploadId) {
      const file = await path(uploadId);
      return file === null ? null : readFile(file);
    },
    async sweep(now = Date.now()) {
      const names = await readdir(folder).catch(() => []);
      const old = await Promise.all(
        names.map(async (name) => {
          const { mtimeMs } = await stat(fileOf(name)).catch(() => ({ mtimeMs: now }));
          if (now - mtimeMs < KEPT_MS) return 0;
          await rm(fileOf(name), { force: true });
          return 1;
        }),
      );
      return old.reduce<number>((sum, one) => sum + one, 0);
    },
  };
}
