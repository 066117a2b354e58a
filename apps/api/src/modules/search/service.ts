import { type EmbeddingModel, type FusedQuery, FusionError, fuseQuery } from '@freestyle/core';
import { checkPageSize } from '../../platform/database/paging.js';
import { vectorText } from '../../platform/database/vector-text.js';
import { ValidationError } from '../../platform/errors.js';
import type { LiveModel, ModelService } from '../model/service.js';
import { decodeCursor, encodeCursor, fingerprintOf, type SearchCursor } from './cursor.js';
import { encodeParts, type PartReport } from './encode-parts.js';
import type { SearchRequest } from './query.js';
import { type Hit, type HitQuery, MAX_INDEX_DIMENSIONS, type SearchRepository } from './repository.js';
import { type PictureSources, resolveParts } from './resolve-parts.js';

export type Exactness = 'EXACT' | 'APPROXIMATE' | 'BUDGET_EXHAUSTED';

export interface Contribution {
  readonly part: number;
  readonly negative: boolean;
  readonly weight: number;
  readonly similarity: number;
  readonly value: number;
}

export interface SearchHit {
  readonly imageId: string;
  readonly score: number;
  readonly rank: number;
  readonly cursor: string;
  /** Read at the first call, for all hits of the page at once. */
  contributions(): Promise<Contribution[]>;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly parts: readonly PartReport[];
  readonly exactness: Exactness;
  readonly galleryCount: number;
  readonly model: EmbeddingModel;
  readonly timing: { readonly encodeMs: number; readonly searchMs: number; readonly totalMs: number };
}

export interface SearchLimits {
  /** Galleries of at most this many photos are ranked whole; above, the index is asked. */
  readonly exactUpTo: number;
  /** Where the index finds too few, galleries of at most this many photos are ranked whole after all. */
  readonly fallbackUpTo: number;
}

/** About 50 ms for an exact scan in the embedded database; an answer after a second is better than a short one. */
export const DEFAULT_SEARCH_LIMITS: SearchLimits = { exactUpTo: 20_000, fallbackUpTo: 250_000 };

export interface SearchService {
  /** @throws {ValidationError} @throws {NotFoundError} @throws {TooLargeError} @throws {UnavailableError} */
  search(request: SearchRequest): Promise<SearchResult>;
  /** Makes the index of the live space once its gallery is large enough to need one. */
  ensureIndex(): Promise<void>;
}

interface EncodedQuery {
  readonly fused: FusedQuery;
  readonly reports: readonly PartReport[];
}

export function createSearchService(
  repository: SearchRepository,
  models: ModelService,
  sources: PictureSources,
  limits: SearchLimits = DEFAULT_SEARCH_LIMITS,
): SearchService {
  // A second page must be ranked by the very same numbers, and an encoder may differ in the last bit from call to call.
  const encodedQueries = createRecent<string, EncodedQuery>(500);

  return {
    async search(request) {
      checkPageSize('first', request.first);
      const started = performance.now();
      const live = models.require();
      const fingerprint = fingerprintOf([
        JSON.stringify(request.query),
        JSON.stringify(request.datasetIds && [...request.datasetIds].sort()),
        live.model.spaceHash,
        live.model.queryHash,
      ]);
      const after = request.after === null ? null : decodeCursor(request.after, fingerprint);
      const key = fingerprint.toString('hex');
      const encoded =
        (after && encodedQueries.get(key)) ?? (await encodeQuery(request, live, repository, sources));
      encodedQueries.set(key, encoded);
      const encodedAt = performance.now();
      const page = await findHits(repository, live, encoded.fused, request, after, limits);
      const finished = performance.now();
      return {
        ...shape(page, encoded, { repository, live, fingerprint, after }),
        parts: encoded.reports,
        model: live.model,
        timing: {
          encodeMs: encodedAt - started,
          searchMs: finished - encodedAt,
          totalMs: finished - started,
        },
      };
    },
    async ensureIndex() {
      const { model, spaceId } = await models.ready;
      if (model.dimensions > MAX_INDEX_DIMENSIONS || (await repository.hasIndex(spaceId))) return;
      const snapshot = await repository.latestSeq(spaceId);
      const count = await repository.count({ spaceId, datasetIds: null, snapshot });
      if (count > limits.exactUpTo) await repository.buildIndex(spaceId, model.dimensions);
    },
  };
}

async function encodeQuery(
  { query }: SearchRequest,
  { model, spaceId }: LiveModel,
  repository: SearchRepository,
  sources: PictureSources,
): Promise<EncodedQuery> {
  const parts = await resolveParts(query, model.dimensions, sources);
  const encoded = await encodeParts(
    parts,
    model,
    async (imageId) => (await repository.vectors(spaceId, [imageId])).get(imageId) ?? null,
  );
  try {
    return {
      fused: fuseQuery(encoded.map(({ part }) => part)),
      reports: encoded.map(({ report }) => report),
    };
  } catch (error) {
    if (error instanceof FusionError) throw ValidationError.at(['query'], error.message, error);
    throw error;
  }
}

interface HitPage {
  readonly hits: readonly Hit[];
  readonly hasNextPage: boolean;
  readonly exactness: Exactness;
  readonly galleryCount: number;
  readonly snapshot: bigint;
}

async function findHits(
  repository: SearchRepository,
  { model, spaceId }: LiveModel,
  fused: FusedQuery,
  { datasetIds, first }: SearchRequest,
  after: SearchCursor | null,
  limits: SearchLimits,
): Promise<HitPage> {
  const snapshot = after?.snapshot ?? (await repository.latestSeq(spaceId));
  const slice = { spaceId, datasetIds, snapshot };
  const galleryCount = await repository.count(slice);
  const query: HitQuery = {
    ...slice,
    dimensions: model.dimensions,
    vector: vectorText(fused.vector),
    after,
    limit: first + 1,
  };
  const [hits, exactness] = await rank(repository, query, galleryCount, limits, after?.rank ?? 0);
  return { hits: hits.slice(0, first), hasNextPage: hits.length > first, exactness, galleryCount, snapshot };
}

async function rank(
  repository: SearchRepository,
  query: HitQuery,
  galleryCount: number,
  limits: SearchLimits,
  rankBefore: number,
): Promise<[Hit[], Exactness]> {
  if (galleryCount <= limits.exactUpTo || !(await repository.hasIndex(query.spaceId))) {
    return [await repository.exact(query), 'EXACT'];
  }
  const hits = await repository.approximate(query);
  // The end of the gallery is no shortage.
  if (hits.length >= Math.min(query.limit, galleryCount - rankBefore)) return [hits, 'APPROXIMATE'];
  if (galleryCount <= limits.fallbackUpTo) return [await repository.exact(query), 'EXACT'];
  return [hits, 'BUDGET_EXHAUSTED'];
}

interface ShapeContext {
  readonly repository: SearchRepository;
  readonly live: LiveModel;
  readonly fingerprint: Buffer;
  readonly after: SearchCursor | null;
}

function shape(page: HitPage, { fused, reports }: EncodedQuery, context: ShapeContext) {
  const { repository, live, fingerprint, after } = context;
  let vectors: Promise<Map<string, Float32Array>> | null = null;
  const vectorOf = async (imageId: string) => {
    vectors ??= repository.vectors(
      live.spaceId,
      page.hits.map((hit) => hit.imageId),
    );
    return (await vectors).get(imageId) ?? null;
  };
  const hits = page.hits.map((hit, i): SearchHit => {
    const rankOfHit = (after?.rank ?? 0) + i + 1;
    return {
      imageId: hit.imageId,
      // The database orders by the negative inner product.
      score: fused.offset - hit.distance,
      rank: rankOfHit,
      cursor: encodeCursor({ ...hit, snapshot: page.snapshot, rank: rankOfHit, fingerprint }),
      contributions: async () => {
        const vector = await vectorOf(hit.imageId);
        return vector === null ? [] : explain(fused, reports, vector);
      },
    };
  });
  return {
    hits,
    hasNextPage: page.hasNextPage,
    hasPreviousPage: after !== null,
    exactness: page.exactness,
    galleryCount: page.galleryCount,
  };
}

const explain = (fused: FusedQuery, reports: readonly PartReport[], photo: Float32Array): Contribution[] =>
  fused.contributions(photo).map(({ similarity, value }, i) => ({
    part: reports[i]?.index ?? i,
    negative: reports[i]?.negative ?? false,
    weight: reports[i]?.weight ?? 1,
    similarity,
    value,
  }));

/** Remembers the entries used last. */
function createRecent<K, V>(capacity: number) {
  const entries = new Map<K, V>();
  return {
    get: (key: K): V | undefined => entries.get(key),
    set(key: K, value: V) {
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
    },
  };
}
