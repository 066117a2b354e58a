import type { Prisma } from '../../../generated/prisma/client.js';
import type { ItemState } from '../../../generated/prisma/enums.js';
import type { ItemMetadata, QueryMetadata } from '../list/listed-item.js';

export interface ItemRejection {
  readonly ordinal: number;
  readonly state: 'REJECTED' | 'FAILED';
  readonly code: string;
  readonly reason: string;
}

export interface CommittedPhoto {
  readonly ordinal: number;
  readonly path: string;
  /** The ledger's: a list that comes without its pictures may name a photo by the end of its path. */
  readonly listedPath: string;
  readonly contentHash: string;
  readonly byteSize: number;
  readonly metadata: ItemMetadata | null;
  /** Null for content that the dataset is known to hold. */
  readonly picture: {
    readonly mediaType: string;
    readonly width: number;
    readonly height: number;
    readonly perceptualHash: bigint | null;
  } | null;
  /** Null where the vector is there already. Text, as the database writes vectors. */
  readonly vector: string | null;
}

export interface CommittedQuery {
  readonly ordinal: number;
  readonly path: string;
  readonly metadata: QueryMetadata;
  /** Null for words. */
  readonly picture: { readonly contentHash: string; readonly width: number; readonly height: number } | null;
}

export interface ItemBatch {
  readonly jobId: string;
  /** Who must still hold the job's lease, or nothing is written. */
  readonly owner: string;
  readonly datasetId: string;
  readonly spaceId: number;
  readonly photos: readonly CommittedPhoto[];
  readonly queries: readonly CommittedQuery[];
  readonly rejections: readonly ItemRejection[];
  readonly ratePerSecond: number | null;
}

export interface VectorBatch {
  readonly jobId: string;
  readonly owner: string;
  readonly spaceId: number;
  readonly vectors: readonly {
    readonly imageId: string;
    readonly datasetId: string;
    readonly vector: string;
  }[];
  readonly failed: number;
  readonly ratePerSecond: number | null;
}

/** What became of an item. */
export interface Conclusion {
  readonly ordinal: number;
  readonly state: ItemState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly contentHash: string | null;
  readonly imageId: string | null;
}

export type Transaction = Prisma.TransactionClient;
