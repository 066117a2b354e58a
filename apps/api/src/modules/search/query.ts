/** Styles that a query picture can be declared to have. */
export const QUERY_STYLES = ['AUTO', 'PHOTO', 'SKETCH', 'ART', 'LOWRES'] as const;
export type QueryStyle = (typeof QUERY_STYLES)[number];

export interface ImageSource {
  readonly uploadId?: string | null | undefined;
  readonly base64?: string | null | undefined;
  readonly url?: string | null | undefined;
  /** Global id of a gallery photo. */
  readonly id?: string | null | undefined;
}

export interface QueryPartInput {
  readonly text?: string | null | undefined;
  readonly image?: ImageSource | null | undefined;
  readonly vector?: readonly number[] | null | undefined;
  readonly weight?: number | null | undefined;
  readonly style?: QueryStyle | null | undefined;
}

export interface SearchQuery {
  readonly all: readonly QueryPartInput[];
  readonly not?: readonly QueryPartInput[] | null | undefined;
}

export interface SearchRequest {
  readonly query: SearchQuery;
  /** Ids of rows, null for all datasets. */
  readonly datasetIds: readonly string[] | null;
  readonly first: number;
  readonly after: string | null;
}
