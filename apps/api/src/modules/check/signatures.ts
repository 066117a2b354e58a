import { type CopySignature, copySignature, readImage } from '@freestyle/core/image';
import type { BlobStore } from '../../platform/storage/blob-store.js';

/** The small grey pictures by which copies are told, read when they are first needed. */
export interface Signatures {
  /** Null for a photo that is gone or cannot be read. */
  of(id: string): Promise<CopySignature | null>;
}

// 2.5 kB each: 125 MB at most. Above that the ones used longest ago are read again.
const KEPT = 50_000;
// Shows more than the signature holds, and is there already where the photo was looked at.
const THUMBNAIL = 128;

/** Signatures from the photos' small thumbnails, which are made where they are not there yet.
 *  @param hashOf content hash of a photo; null where it is gone. */
export function createSignatures(
  blobs: BlobStore,
  hashOf: (id: string) => Promise<string | null>,
): Signatures {
  const kept = new Map<string, Promise<CopySignature | null>>();

  async function read(id: string): Promise<CopySignature | null> {
    const hash = await hashOf(id);
    // A damaged photo has no thumbnail; it was told when it came in.
    const file = hash === null ? null : await blobs.thumbnailPath(hash, THUMBNAIL).catch(() => null);
    const image = file === null ? null : await readImage(file).catch(() => null);
    return image === null ? null : copySignature(image);
  }

  return {
    of(id) {
      const known = kept.get(id);
      // Put last again: a Map gives its keys in the order in which they came.
      if (known !== undefined) kept.delete(id);
      const signature = known ?? read(id);
      kept.set(id, signature);
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      return signature;
    },
  };
}
