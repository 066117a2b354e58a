import type { RgbImage } from '@freestyle/core';
import type { CommittedPhoto, CommittedQuery, ItemRejection } from '../commit/item-batch.js';

/** What was read of some items: ready to be encoded, and then committed. */
export interface PreparedBatch {
  readonly rejections: readonly ItemRejection[];
  readonly photos: readonly PreparedPhoto[];
  readonly queries: readonly CommittedQuery[];
}

export interface PreparedPhoto extends Omit<CommittedPhoto, 'vector'> {
  /** Null where a vector is known. */
  readonly image: RgbImage | null;
  readonly vector: string | null;
}
