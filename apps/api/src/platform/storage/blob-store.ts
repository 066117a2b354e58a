import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PictureDecoder } from './picture-decoder.js';
import { fileSize, storeFile } from './unfinished.js';

/** Longest edges, in pixels, that thumbnails are made in. */
export const THUMBNAIL_SIZES = [128, 256, 512, 1024] as const;

export interface BlobStore {
  /** Stores an original under its content hash; storing it again does nothing. */
  put(hash: string, bytes: Uint8Array): Promise<void>;
  /** Where the original lies, or null where it is not stored. */
  path(hash: string): Promise<string | null>;
  read(hash: string): Promise<Buffer | null>;
  /** Deletes the original and every thumbnail of it; one that is not there is nothing to delete. */
  remove(hash: string): Promise<void>;
  /** Where the WebP thumbnail lies; made at the first request. Null for an unknown original. */
  thumbnailPath(hash: string, size: number): Promise<string | null>;
}

/** sha256, hex. */
export const contentHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const isContentHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** The smallest thumbnail size that has at least `wanted` pixels, or the largest there is. */
export const thumbnailSizeFor = (wanted: number): number =>
  THUMBNAIL_SIZES.find((size) => size >= wanted) ?? THUMBNAIL_SIZES[THUMBNAIL_SIZES.length - 1] ?? 1024;

/** Originals and thumbnails as files under `folder`, spread over 256 folders by the first byte of the hash. */
export function createBlobStore(folder: string, pictures: Pick<PictureDecoder, 'thumbnail'>): BlobStore {
  const originalFile = (hash: string) => join(folder, 'originals', hash.slice(0, 2), hash);
  const thumbnailFile = (hash: string, size: number) =>
    join(folder, 'thumbnails', String(size), hash.slice(0, 2), `${hash}.webp`);
  // A grid asks for many thumbnails at once; two requests for one of them shall not make it twice.
  const making = new Map<string, Promise<string | null>>();

  async function path(hash: string): Promise<string | null> {
    const file = originalFile(hash);
    return (await fileSize(file)) === null ? null : file;
  }

  async function read(hash: string): Promise<Buffer | null> {
    const file = await path(hash);
    return file === null ? null : readFile(file);
  }

  async function makeFor(hash: string, size: number, target: string): Promise<string | null> {
    const bytes = await read(hash);
    if (bytes === null) return null;
    await storeFile(folder, target, await pictures.thumbnail(bytes, size));
    return target;
  }

  return {
    path,
    read,
    async put(hash, bytes) {
      const file = originalFile(hash);
      if ((await fileSize(file)) !== bytes.byteLength) await storeFile(folder, file, bytes);
    },
    async remove(hash) {
      await rm(originalFile(hash), { force: true });
      await Promise.all(THUMBNAIL_SIZES.map((size) => rm(thumbnailFile(hash, size), { force: true })));
    },
    async thumbnailPath(hash, size) {
      const target = thumbnailFile(hash, size);
      if ((await fileSize(target)) !== null) return target;
      const running = making.get(target) ?? makeFor(hash, size, target).finally(() => making.delete(target));
      making.set(target, running);
      return running;
    },
  };
}
