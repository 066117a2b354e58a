import type { ImageFilter } from '../../photo/filter.js';
import type { Collapse, SortOrder } from '../find/find-query.js';

/** How a picture of a query is read. `AUTO` tells its style by itself, `NONE` reads it as the photos of the gallery are
 *  read; the others impose a style. */
export const QUERY_STYLES = ['AUTO', 'NONE', 'PHOTO', 'SKETCH', 'ART', 'LOWRES'] as const;
export type QueryStyle = (typeof QUERY_STYLES)[number];

export const SEARCH_MODES = ['HYBRID', 'MEANING', 'WORDS'] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

type Maybe<T> = T | null | undefined;

export interface ImageSource {
  readonly uploadId?: Maybe<string>;
  readonly base64?: Maybe<string>;
  readonly url?: Maybe<string>;
  /** Row of a gallery photo. */
  readonly id?: Maybe<string>;
}

/** A box in shares of the picture's sides, from its upper left corner. */
export interface CropInput {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a part says; exactly one of them. */
export interface LeafInput {
  readonly text?: Maybe<string>;
  readonly image?: Maybe<ImageSource>;
  /** A drawing: its style is not guessed. */
  readonly sketch?: Maybe<ImageSource>;
  /** Row of a gallery photo. */
  readonly imageId?: Maybe<string>;
  readonly vector?: Maybe<readonly number[]>;
}

export interface QueryPartInput extends Pick<LeafInput, 'text' | 'image' | 'vector'> {
  /** The way to say it; the three beside it are what earlier clients send. */
  readonly like?: Maybe<LeafInput>;
  readonly weight?: Maybe<number>;
  readonly style?: Maybe<QueryStyle>;
  /** A style or cluster of the live model by its name. */
  readonly styleName?: Maybe<string>;
  readonly crop?: Maybe<CropInput>;
}

export interface SearchQuery {
  readonly all?: Maybe<readonly QueryPartInput[]>;
  readonly not?: Maybe<readonly QueryPartInput[]>;
}

export interface SearchRequest {
  readonly query: SearchQuery;
  /** Ids of rows, null for all datasets. */
  readonly datasetIds: readonly string[] | null;
  readonly filter: ImageFilter | null;
  readonly mode: SearchMode;
  /** Relevance from which on a hit is shown; null for the model's own floor. */
  readonly minRelevance: number | null;
  /** Shows what is below the floor too. */
  readonly showWeak: boolean;
  readonly order: SortOrder;
  readonly collapse: Collapse;
  /** Leaves photos out that are parts of the query. */
  readonly excludeSelf: boolean;
  readonly first: number;
  readonly after: string | null;
  /** The datasets that the caller may see; null for all. Nothing that is told, counted or corrected is of others. */
  readonly within?: readonly string[] | null;
}
