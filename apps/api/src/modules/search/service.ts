import type { EmbeddingModel, RelevanceScale } from '@freestyle/core';
import { checkPageSize } from '../../platform/database/paging.js';
import { NotFoundError, ValidationError } from '../../platform/errors.js';
import type { PictureDecoder, RequestPictures } from '../../platform/storage/picture-decoder.js';
import type { Metrics } from '../../platform/telemetry/metrics.js';
import type { LiveModel, ModelService } from '../model/service.js';
import { checkFilter } from '../photo/filter.js';
import { filterConditions } from '../photo/filter-sql.js';
import type { QueryEncoder } from './encode/encode-parts.js';
import { type EncodedQuery, type EncodingParts, encodeQuery } from './encode/encode-query.js';
import { createQueryEncoder } from './encode/query-encoder.js';
import { type Floor, floorOf } from './explain/floor.js';
import { createGalleryChance } from './explain/gallery-chance.js';
import { type FoundPage, findPage, type PageQuery } from './find/find-page.js';
import type { GallerySlice, Scoring } from './find/find-query.js';
import type { SearchRepository } from './find/repository.js';
import { isCalled } from './find/score-sql.js';
import { type IndexSegment, MAX_INDEX_DIMENSIONS, type VectorIndex } from './find/vector-index.js';
import { decodeCursor, digestOf, type Ranking, type SearchCursor } from './parse/cursor.js';
import type { SearchRequest } from './parse/query.js';
import type { PictureSources } from './parse/resolve-parts.js';
import type { WordsRepository } from './parse/words-repository.js';
import { createRecent } from './recent.js';
import { type SearchResult, shapeResult } from './result.js';

export interface SearchLimits {
  /** Galleries of at most this many photos, and the newest of larger ones, are ranked without an index. */
  readonly exactUpTo: number;
  /** Where the index finds too few, galleries of at most this many photos are ranked whole after all. */
  readonly fallbackUpTo: number;
}

/** About 2 ms for ranking what is outside the index; an answer after a second is better than a short one. */
export const DEFAULT_SEARCH_LIMITS: SearchLimits = { exactUpTo: 2000, fallbackUpTo: 250_000 };

export interface SearchService {
  /** @throws {ValidationError} @throws {NotFoundError} @throws {TooLargeError} @throws {CursorError}
   *  @throws {UnavailableError} */
  search(request: SearchRequest, pictures?: RequestPictures): Promise<SearchResult>;
  /** What decodes the pictures of one request, for all of its searches. */
  pictures(): RequestPictures;
  /** The vectors of photos in the live space, or in another by its hash; null for those without.
   *  @throws {NotFoundError} without the space. */
  vectors(imageIds: readonly string[], spaceHash: string | null): Promise<(Float32Array | null)[]>;
  /** Is told the style feature of every picture that people search with, once a search: never the picture. */
  watchStyles(listener: (gram: Float32Array) => void): void;
  /** Takes new photos into the index of the live space once there are enough of them, and counts their words. */
  refresh(): Promise<void>;
}

export interface SearchParts {
  readonly repository: SearchRepository;
  readonly index: VectorIndex;
  readonly words: WordsRepository;
  readonly models: ModelService;
  readonly sources: Omit<PictureSources, 'pictures'>;
  readonly pictures: PictureDecoder;
  readonly metrics: Pick<Metrics, 'batch' | 'waiting'>;
  /** What cursors are signed with. */
  secret(): Promise<Uint8Array>;
  readonly limits?: SearchLimits | undefined;
}

export function createSearchService(parts: SearchParts): SearchService {
  const { repository, index, words, models } = parts;
  // A second page must be ranked by the very same numbers, and an encoder may differ in the last bit from call to call.
  const recent = createRecent<
    string,
    { readonly query: EncodedQuery; readonly scale: RelevanceScale | null }
  >(500);
  const chance = createGalleryChance(repository);
  const gallery = createGalleryCounts(repository);
  const encoders = new WeakMap<EmbeddingModel, QueryEncoder>();
  const encoding = (live: LiveModel, pictures: RequestPictures, whole: boolean): EncodingParts => {
    const encoder =
      encoders.get(live.model) ??
      createQueryEncoder(live.model, (id) => photoVector(repository, live, id), parts.metrics);
    encoders.set(live.model, encoder);
    const wordPieces = (text: string) => words.pieces(text, whole);
    return { encoder, sources: { ...parts.sources, pictures }, wordPieces };
  };
  const listeners: ((gram: Float32Array) => void)[] = [];
  const tellStyles = ({ reports }: EncodedQuery) => {
    for (const { style, blank } of reports)
      if (style?.gram && !blank) for (const listener of listeners) listener(style.gram);
  };
  return {
    watchStyles: (listener) => void listeners.push(listener),
    pictures: () => parts.pictures.forRequest(),
    async search(request, pictures = parts.pictures.forRequest()) {
      checkRequest(request);
      const started = performance.now();
      const secret = await parts.secret();
      const { live, ranking, after } = beginOrGoOn(request, models, secret);
      const encode = (plain: boolean) =>
        encodeQuery(request.query, request.mode, encoding(live, pictures, !request.within), plain);
      const kept = after === null ? undefined : recent.get(ranking.query);
      const encoded = kept?.query ?? (await encode(false));
      // Later pages of the same search are no new pictures.
      if (after === null) tellStyles(encoded);
      const encodedAt = performance.now();
      const photos = await (request.within
        ? gallery.within(live.spaceId, request.within)
        : gallery.about(live.spaceId));
      // Chance is measured on all photos: who may not see all of them is told by the model's own scale.
      const measured = () => (request.within ? null : chance.scaleOf(live, photos));
      const scale = kept?.scale ?? (await measured());
      recent.set(ranking.query, { query: encoded, scale });
      const wanted = askedOf(request, encoded, live, scale, photos, after);
      const found = encoded.empty ? nothingFound(after) : await find(parts, wanted, live, after, photos);
      const matches = await isMatch(parts, wanted, found, after);
      const asked = matches ? wanted : { ...wanted, scoring: { ...wanted.scoring, floor: Number.MAX_VALUE } };
      const page = matches ? found : { ...found, hits: [] };
      return shapeResult({
        ...{ request, encoded, page, ranking, secret, after, repository, encode },
        ...{ model: live.model, floor: asked.floor, slice: asked.slice, scoring: asked.scoring },
        timing: {
          encodeMs: encodedAt - started,
          searchMs: performance.now() - encodedAt,
          totalMs: performance.now() - started,
        },
      });
    },
    async vectors(imageIds, spaceHash) {
      const spaceId = spaceHash === null ? models.require().spaceId : await repository.spaceId(spaceHash);
      if (spaceId === null) throw new NotFoundError('There is no such embedding space.');
      const found = await repository.vectors(spaceId, imageIds);
      return imageIds.map((id) => found.get(id) ?? null);
    },
    async refresh() {
      const live = await models.current();
      const { model, spaceId } = live;
      await index.extend(spaceId, model.dimensions);
      await words.refresh();
      gallery.forget();
      await chance.scaleOf(live, await gallery.about(spaceId));
    },
  };
}

function checkRequest({ first, minRelevance, filter }: SearchRequest): void {
  checkPageSize('first', first);
  checkFilter(filter);
  if (minRelevance !== null && !Number.isFinite(minRelevance)) {
    throw ValidationError.at(['minRelevance'], `expected a number, got ${minRelevance}`);
  }
}

const rankingOf = (
  { after: _after, first: _first, ...rest }: SearchRequest,
  model: EmbeddingModel,
): Ranking => ({
  query: digestOf([{ ...rest, datasetIds: rest.datasetIds && [...rest.datasetIds].sort() }, model.queryHash]),
  space: digestOf([model.spaceHash]),
});

/** The model that a search is made with: the one that answers, or the one that its first page was made with. */
function beginOrGoOn(
  request: SearchRequest,
  models: ModelService,
  secret: Uint8Array,
): { readonly live: LiveModel; readonly ranking: Ranking; readonly after: SearchCursor | null } {
  const live = models.require();
  const ranking = rankingOf(request, live.model);
  const cursor = request.after;
  if (cursor === null) return { live, ranking, after: null };
  try {
    return { live, ranking, after: decodeCursor(cursor, ranking, secret) };
  } catch (error) {
    for (const earlier of models.recent()) {
      const own = rankingOf(request, earlier.model);
      try {
        return { live: earlier, ranking: own, after: decodeCursor(cursor, own, secret) };
      } catch {
        // Not of this one either.
      }
    }
    throw error;
  }
}

const photoVector = async (repository: SearchRepository, { spaceId }: LiveModel, imageId: string) =>
  (await repository.vectors(spaceId, [imageId])).get(imageId) ?? null;

interface Asked {
  readonly slice: GallerySlice;
  readonly scoring: Scoring;
  readonly floor: Floor;
  readonly page: PageQuery;
}

function askedOf(
  request: SearchRequest,
  encoded: EncodedQuery,
  { model, spaceId }: LiveModel,
  scale: RelevanceScale | null,
  photos: number,
  after: SearchCursor | null,
): Asked {
  const { minRelevance, showWeak, order, collapse, first } = request;
  const floor = floorOf(scale, encoded.scale, photos, minRelevance, showWeak);
  const slice: GallerySlice = {
    spaceId,
    snapshot: after?.snapshot ?? null,
    datasetIds: request.datasetIds,
    conditions: filterConditions(checkFilter(request.filter), spaceId),
    except: request.excludeSelf ? encoded.photoIds : [],
  };
  const { fused, words } = encoded;
  const scoring = { terms: fused?.terms ?? [], words, floor: floor.score, wordsOnly: fused === null };
  const page = {
    ...{ ...slice, ...scoring, order, collapse, after },
    dimensions: model.dimensions,
    fused: fused ?? { vector: new Float32Array(), offset: 0 },
    limit: first + 1,
  };
  return { slice, scoring, floor, page };
}

async function find(
  { repository, index, limits = DEFAULT_SEARCH_LIMITS }: SearchParts,
  { page }: Asked,
  { model, spaceId }: LiveModel,
  after: SearchCursor | null,
  photos: number,
): Promise<FoundPage> {
  // Only nearness to what is wanted is what an index is ordered by.
  const helps =
    page.order.by === 'RELEVANCE' &&
    page.order.descending &&
    page.fused.vector.some((value) => value !== 0) &&
    model.dimensions <= MAX_INDEX_DIMENSIONS;
  const segments: readonly IndexSegment[] = helps ? await index.segments(spaceId) : [];
  const canRankAll = async () => photos <= limits.fallbackUpTo;
  return findPage(repository, page, segments.length > 0 ? segments : null, after?.rank ?? 0, canRankAll);
}

/** Whether the best photo of a search is better than what chance brings, or some photo is called what was asked for. */
async function isMatch(
  { repository }: SearchParts,
  { floor: { match }, scoring, slice, page }: Asked,
  { hits, snapshot }: FoundPage,
  after: SearchCursor | null,
): Promise<boolean> {
  if (match === null || after !== null || hits.length === 0) return true;
  if (hits.some(({ score, coverages }) => score >= match.score || isCalled(coverages, scoring.words)))
    return true;
  // In another order the best one may stand anywhere.
  if (page.order.by === 'RELEVANCE' && page.order.descending) return false;
  return (await repository.tally({ ...slice, snapshot, ...scoring, floor: match.score })).above > 0;
}

const nothingFound = (after: SearchCursor | null): FoundPage => ({
  ...{ hits: [], snapshot: after?.snapshot ?? 0n, shown: 0, scored: 0, exactness: 'EXACT' },
  index: { asked: 0, full: 0, farthest: null },
});

/** How many photos a space has, about: counted at the first search and again a minute later. */
function createGalleryCounts(repository: SearchRepository) {
  const known = new Map<number, { at: number; count: Promise<number> }>();
  return {
    within: (spaceId: number, datasetIds: readonly string[]) =>
      repository.count({ spaceId, snapshot: null, datasetIds, conditions: [], except: [] }),
    about(spaceId: number): Promise<number> {
      const entry = known.get(spaceId);
      if (entry !== undefined && performance.now() - entry.at < 60_000) return entry.count;
      const slice = { spaceId, snapshot: null, datasetIds: null, conditions: [], except: [] };
      const count = repository.count(slice);
      const fresh = { at: performance.now(), count: entry === undefined ? count : entry.count };
      known.set(spaceId, fresh);
      // What was known answers until the new count is there.
      count.then(
        () => known.set(spaceId, { ...fresh, count }),
        () => known.delete(spaceId),
      );
      return fresh.count;
    },
    forget: () => known.clear(),
  };
}
