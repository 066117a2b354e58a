import { open } from 'node:fs/promises';
import { sniffFormat } from '@freestyle/core';
import type { BlobStore } from '../../platform/storage/blob-store.js';

/** A picture in the store. */
export interface StoredFile {
  readonly path: string;
  readonly size: number;
  /** What its content says, without a dot. */
  readonly extension: string;
}

// What tells a format stands in the first bytes; AVIF's brands may take some more.
const HEADER_BYTES = 1024;
const LOOKUPS = 16;

/** Looks pictures up by content hash; null for those that the store has lost. */
export async function findStored(
  blobs: BlobStore,
  hashes: readonly string[],
): Promise<Map<string, StoredFile | null>> {
  const found = new Map<string, StoredFile | null>();
  const queue = new Set(hashes).values();
  await Promise.all(
    Array.from({ length: LOOKUPS }, async () => {
      for (const hash of queue) found.set(hash, await lookUp(blobs, hash));
    }),
  );
  return found;
}

async function lookUp(blobs: BlobStore, hash: string): Promise<StoredFile | null> {
  const path = await blobs.path(hash);
  if (path === null) return null;
  const file = await open(path, 'r');
  try {
    const [{ size }, { buffer, bytesRead }] = await Promise.all([
      file.stat(),
      file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0),
    ]);
    const sniffed = sniffFormat(buffer.subarray(0, bytesRead));
    const format = sniffed.kind === 'image' ? sniffed.format : 'bin';
    return { path, size, extension: format === 'jpeg' ? 'jpg' : format };
  } finally {
    await file.close();
  }
}
