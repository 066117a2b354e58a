import type { EmbeddingModel } from '@freestyle/core';
import type { FacetCount } from '../../platform/database/paging.js';
import type { Image } from '../photo/repository.js';
import type { PartReport } from './encode/encode-parts.js';
import type { EncodedQuery } from './encode/encode-query.js';
import { type Contribution, explainHit } from './explain/explain-hit.js';
import type { Floor } from './explain/floor.js';
import { type Nothing, whyNothing } from './explain/why-nothing.js';
import type { Exactness, FoundPage } from './find/find-page.js';
import type { GallerySlice, Hit, Scoring } from './find/find-query.js';
import type { SearchFacet, SearchRepository, Tally } from './find/repository.js';
import { encodeCursor, type Ranking, type SearchCursor } from './parse/cursor.js';
import type { SearchRequest } from './parse/query.js';

export interface SearchHit {
  readonly image: Image;
  readonly score: number;
  /** Nats above chance; null for a model that does not know. */
  readonly relevance: number | null;
  readonly rank: number;
  readonly cursor: string;
  readonly contributions: readonly Contribution[];
  /** Other photos that this hit stands for. */
  readonly copyIds: readonly string[];
  /** Where it stands when every photo is ranked; read at the first call, for all hits of the page at once. */
  exactRank(): Promise<number | null>;
  /** Where it would stand if pictures of the query were read as the gallery's photos are; null without such a picture. */
  rankWithoutStyle(): Promise<number | null>;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly parts: readonly PartReport[];
  readonly exactness: Exactness;
  readonly floor: Floor;
  readonly nothing: Nothing | null;
  readonly model: EmbeddingModel;
  readonly timing: { readonly encodeMs: number; readonly searchMs: number; readonly totalMs: number };
  /** Photos that were searched among. */
  galleryCount(): Promise<number>;
  tally(): Promise<Tally>;
  facet(facet: SearchFacet): Promise<FacetCount[]>;
}

export interface ResultParts {
  readonly request: SearchRequest;
  readonly encoded: EncodedQuery;
  readonly page: FoundPage;
  readonly ranking: Ranking;
  readonly secret: Uint8Array;
  readonly after: SearchCursor | null;
  readonly repository: SearchRepository;
  readonly model: EmbeddingModel;
  readonly floor: Floor;
  readonly slice: GallerySlice;
  readonly scoring: Scoring;
  readonly timing: SearchResult['timing'];
  encode(plain: boolean): Promise<EncodedQuery>;
}

/** What a search answers: the page, and what else may be asked about it, which costs nothing until it is. */
export function shapeResult(parts: ResultParts): SearchResult {
  const { request, encoded, page, after, repository, scoring, floor, model, timing } = parts;
  const slice: GallerySlice = { ...parts.slice, snapshot: snapshotOf(parts) };
  const shown = page.hits.slice(0, request.first);
  const ids = shown.map(({ imageId }) => imageId);
  const exactRanks = once(() => repository.ranks({ ...slice, ...scoring }, ids));
  const plainRanks = once(async () => {
    const pictures = encoded.reports.some(({ kind, blank }) => kind === 'IMAGE' && !blank);
    const plain = pictures ? await parts.encode(true) : null;
    return plain?.fused ? repository.ranks({ ...slice, ...scoring, terms: plain.fused.terms }, ids) : null;
  });
  return {
    hits: shown.map((hit, i) => shapeHit(hit, (after?.rank ?? 0) + i + 1, parts, exactRanks, plainRanks)),
    hasNextPage: page.hits.length > request.first,
    hasPreviousPage: after !== null,
    parts: encoded.reports,
    exactness: page.exactness,
    floor,
    nothing:
      page.hits.length > 0 || after !== null
        ? null
        : whyNothing(encoded.reports, scoring.terms, searched(parts)),
    model,
    timing,
    galleryCount: once(() => repository.count(slice)),
    tally: once(() =>
      encoded.empty ? Promise.resolve({ above: 0, below: 0 }) : repository.tally({ ...slice, ...scoring }),
    ),
    facet: (facet) =>
      encoded.empty ? Promise.resolve([]) : repository.facet({ ...slice, ...scoring }, facet),
  };
}

const searched = ({ page, slice, request }: ResultParts) => ({
  photos: request.mode === 'WORDS' ? 1 : page.scored,
  filtered: slice.conditions.length > 0 || slice.datasetIds !== null,
});

/** The first page's moment, which every later page keeps. */
const snapshotOf = ({ after, page }: Pick<ResultParts, 'after' | 'page'>): bigint =>
  after?.snapshot ?? page.snapshot;

function shapeHit(
  hit: Hit,
  rank: number,
  parts: ResultParts,
  exactRanks: () => Promise<Map<string, number>>,
  plainRanks: () => Promise<Map<string, number> | null>,
): SearchHit {
  const { ranking, secret, floor, scoring, encoded } = parts;
  return {
    image: hit.image,
    score: hit.score,
    relevance: floor.relevanceOf(hit.score),
    rank,
    cursor: encodeCursor({ ...hit, snapshot: snapshotOf(parts), rank }, ranking, secret),
    contributions: explainHit(hit, scoring, encoded.reports),
    copyIds: hit.copies,
    exactRank: async () => (await exactRanks()).get(hit.imageId) ?? null,
    rankWithoutStyle: async () => (await plainRanks())?.get(hit.imageId) ?? null,
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= read();
    return answer;
  };
}
