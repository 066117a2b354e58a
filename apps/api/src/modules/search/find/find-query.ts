import type { ScoreTerm } from '@freestyle/core';
import type { Prisma } from '../../../generated/prisma/client.js';
import type { Image } from '../../photo/repository.js';
import type { WordsTerm } from '../parse/words.js';
import type { IndexSegment } from './vector-index.js';

export const SORT_KEYS = ['RELEVANCE', 'CREATED_AT', 'FILE_NAME', 'SIZE'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface SortOrder {
  readonly by: SortKey;
  readonly descending: boolean;
}

export const COLLAPSES = ['NONE', 'SAME_CONTENT', 'NEAR_DUPLICATES'] as const;
/** Which hits are told as one: the same picture in several datasets, or pictures that look alike. */
export type Collapse = (typeof COLLAPSES)[number];

/** Where a page ends. Hits are ordered by the sort key, then by the order in which photos came in. */
export interface Place {
  readonly score: number;
  readonly seq: bigint;
  /** The sort key as the database writes it; null where hits are sorted by their score. */
  readonly key: string | null;
}

/** The photos that a search looks at. */
export interface GallerySlice {
  readonly spaceId: number;
  /** Only photos that had come in by then; null for all that are there now. */
  readonly snapshot: bigint | null;
  /** Null for all datasets. */
  readonly datasetIds: readonly string[] | null;
  /** On `image i`; all of them hold. */
  readonly conditions: readonly Prisma.Sql[];
  /** Photos that are left out: those that are themselves the query. */
  readonly except: readonly string[];
}

/** How a photo is scored: the sum of the vector terms and of the words. */
export interface Scoring {
  readonly terms: readonly ScoreTerm[];
  readonly words: readonly WordsTerm[];
  /** Hits below it are left out; null for none. */
  readonly floor: number | null;
  /** Only photos that some word stands with. */
  readonly wordsOnly: boolean;
}

export interface FindQuery extends GallerySlice, Scoring {
  readonly dimensions: number;
  /** What the positive vector terms say together: `score⁺ = vector · photo + offset`. */
  readonly fused: { readonly vector: Float32Array; readonly offset: number };
  /** Null ranks every photo of the slice. */
  readonly segments: readonly IndexSegment[] | null;
  readonly order: SortOrder;
  readonly collapse: Collapse;
  readonly after: Place | null;
  /** Best photos that are looked at before copies are told as one and the page is cut. */
  readonly depth: number;
  readonly limit: number;
}

export interface Hit extends Place {
  readonly imageId: string;
  readonly image: Image;
  /** Cosine of the photo with each vector term; empty where only words were looked for. */
  readonly similarities: readonly number[];
  /** Share of the words of each words term that stand with the photo, 0 to 1. */
  readonly coverages: readonly number[];
  /** Other hits that this one stands for, best first. */
  readonly copies: readonly string[];
}

export interface Found {
  readonly hits: readonly Hit[];
  /** The last photo that had come in. */
  readonly snapshot: bigint;
  /** Photos above the floor among those that were scored, `depth` at most. */
  readonly shown: number;
  /** Photos that were scored. */
  readonly scored: number;
  /** What is told of the index. */
  readonly index: {
    /** Pieces that were asked; 0 where every photo that may count was scored. */
    readonly asked: number;
    /** Pieces that gave all they were asked for, and so may hold more. */
    readonly full: number;
    /** No photo that they did not give is nearer to the fused vector; null where there is none. */
    readonly farthest: number | null;
  };
}
