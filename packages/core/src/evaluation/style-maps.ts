import type { EmbeddingModel } from '../models/embedding-model.js';
import { createRandom } from '../random.js';
import { embeddingMap, type MapMethod, type MapPlaces } from './embedding-map.js';
import { type EmbeddingMatrix, EvaluationError, matrixRow, stackVectors } from './embedding-matrix.js';
import { type EncodeOptions, encodeGallery, encodeQueries, type QueryEncoder } from './encode-set.js';
import type { EvaluationQuery, EvaluationSet } from './evaluation-set.js';
import { rankRelevant } from './ranking.js';
import { scatterSvg } from './scatter-svg.js';
import { scoreGallery } from './score-gallery.js';
import { linearProbes, type ProbeSpread } from './style-probe.js';

/** Query pictures of some photos, encoded once by the backbone (before) and once by the query tower (after). */
export interface StyleMapSide {
  readonly encoder: QueryEncoder;
  readonly vectors: EmbeddingMatrix;
  /** Can the style still be read off the vectors? */
  readonly styleProbe: ProbeSpread;
  /** Share of queries whose nearest query among the other styles means the same photo. */
  readonly meaningKept: number;
  /** Share of queries whose nearest photo of the full gallery is the one that is meant. */
  readonly hitAt1: number;
}

export interface StyleMaps {
  readonly queries: readonly EvaluationQuery[];
  readonly before: StyleMapSide;
  readonly after: StyleMapSide;
}

export interface StyleMapOptions extends EncodeOptions {
  /** Photos whose queries are shown; each with every style that it has. */
  readonly photos?: number;
  readonly seed?: number;
}

/** Encodes the query pictures of some photos before and after the query tower and measures what it did to style.
 *  @throws {EvaluationError} fewer than two styles of pictures that name their photo. */
export async function styleMaps(
  model: EmbeddingModel,
  set: EvaluationSet,
  options: StyleMapOptions = {},
): Promise<StyleMaps> {
  const queries = chooseQueries(set, options.photos ?? 150, options.seed ?? 0);
  const styles = [...new Set(queries.map(({ style }) => style))];
  if (styles.length < 2) {
    throw new EvaluationError(
      'EVALUATION_MAP',
      `${set.name}: a style map needs query pictures of at least 2 styles that name their photo, got ${styles.join(', ') || 'none'}.`,
    );
  }
  const gallery = await encodeGallery(model, set.photos, options);
  const rowOf = new Map(gallery.photos.map(({ id }, row) => [id, row]));
  const side = async (encoder: QueryEncoder): Promise<{ queries: EvaluationQuery[]; side: StyleMapSide }> => {
    const kept: EvaluationQuery[] = [];
    const rows: Float32Array[] = [];
    for (const style of styles) {
      const encoded = await encodeQueries(
        model,
        queries.filter((query) => query.style === style),
        encoder,
        options,
      );
      kept.push(...encoded.queries);
      for (let row = 0; row < encoded.vectors.rows; row++) rows.push(matrixRow(encoded.vectors, row).slice());
    }
    const vectors = stackVectors(rows, 'queries');
    const meant = kept.map(({ target }) => rowOf.get(target ?? ''));
    const hitAt1 = await shareFirst(vectors, gallery.vectors, meant);
    return { queries: kept, side: measure(encoder, vectors, kept, hitAt1, options.seed ?? 0) };
  };
  const before = await side('backbone');
  const after = await side('tower');
  return { queries: before.queries, before: before.side, after: after.side };
}

/** Query pictures of a sample of photos, at most one for each photo and style, grouped by style. */
function chooseQueries(set: EvaluationSet, photos: number, seed: number): EvaluationQuery[] {
  const chosen = createRandom(`style maps ${seed}`)
    .shuffle(set.photos.map(({ id }) => id))
    .filter((id) => set.queries.some((query) => query.target === id && 'load' in query.content))
    .slice(0, photos);
  const wanted = new Set(chosen);
  const byKey = new Map<string, EvaluationQuery>();
  for (const query of set.queries) {
    if (query.target === undefined || !wanted.has(query.target) || !('load' in query.content)) continue;
    const key = `${query.style} ${query.target}`;
    if (!byKey.has(key)) byKey.set(key, query);
  }
  return [...byKey.values()].sort((a, b) => (a.style < b.style ? -1 : a.style > b.style ? 1 : 0));
}

function measure(
  encoder: QueryEncoder,
  vectors: EmbeddingMatrix,
  queries: readonly EvaluationQuery[],
  hitAt1: number,
  seed: number,
): StyleMapSide {
  const styles = queries.map(({ style }) => style);
  const targets = queries.map(({ target }) => target ?? '');
  return {
    encoder,
    vectors,
    styleProbe: linearProbes(vectors, styles, targets, { seed }),
    meaningKept: meaningKept(vectors, queries),
    hitAt1,
  };
}

/** Share of queries whose photo comes first, ties decided against it as everywhere. */
async function shareFirst(
  queries: EmbeddingMatrix,
  gallery: EmbeddingMatrix,
  meant: readonly (number | undefined)[],
): Promise<number> {
  let first = 0;
  await scoreGallery(queries, gallery, (row, scores) => {
    const target = meant[row];
    if (target !== undefined && rankRelevant(scores, [target]).ranks[0] === 1) first++;
  });
  return first / queries.rows;
}

/** Of the queries that have a sister (same photo, other style): the share whose nearest query in any other style is one. */
function meaningKept(vectors: EmbeddingMatrix, queries: readonly EvaluationQuery[]): number {
  let counted = 0;
  let kept = 0;
  for (const [row, query] of queries.entries()) {
    if (!queries.some(({ style, target }) => target === query.target && style !== query.style)) continue;
    let best = Number.NEGATIVE_INFINITY;
    let nearest: EvaluationQuery | undefined;
    for (const [other, candidate] of queries.entries()) {
      if (candidate.style === query.style) continue;
      const score = cosine(vectors, row, other);
      if (score > best) {
        best = score;
        nearest = candidate;
      }
    }
    counted++;
    if (nearest?.target === query.target) kept++;
  }
  return counted === 0 ? 0 : kept / counted;
}

function cosine({ data, dimensions }: EmbeddingMatrix, a: number, b: number): number {
  let sum = 0;
  for (let d = 0; d < dimensions; d++)
    sum += (data[a * dimensions + d] as number) * (data[b * dimensions + d] as number);
  return sum;
}

/** The probe's figure over its splits, in words. */
export function probeText({ accuracy, deviation, splits, chance }: ProbeSpread): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  return `style read by a linear probe ${percent(accuracy)} ± ${percent(deviation)} % over ${splits} splits (chance ${percent(chance)} %)`;
}

/** Photos or classes that get a colour of their own on the map of meaning: more could not be told apart. */
const COLOURED_PHOTOS = 8;

/** Draws the maps: before and after, by style and by photo. @returns SVG documents by file name. */
export function styleMapSvgs(maps: StyleMaps, method: MapMethod, seed = 0): Record<string, string> {
  const files: Record<string, string> = {};
  const meaning = meaningOf(maps.queries);
  for (const side of [maps.before, maps.after]) {
    const places = embeddingMap(side.vectors, method, seed);
    const when = side.encoder === 'backbone' ? 'before' : 'after';
    const name = side.encoder === 'backbone' ? 'frozen backbone' : 'query tower';
    const probe = probeText(side.styleProbe);
    const kept = `nearest in another style shows the same photo ${(100 * side.meaningKept).toFixed(1)} %, hit@1 ${(100 * side.hitAt1).toFixed(1)} %`;
    files[`${method}-style-${when}.svg`] = drawMap(
      maps.queries,
      places,
      (query) => query.style,
      `Queries by style, ${name} (${method})`,
      probe,
    );
    files[`${method}-meaning-${when}.svg`] = drawMap(
      maps.queries,
      places,
      meaning.categoryOf,
      `Queries by the ${meaning.word} that is meant, ${name} (${method})`,
      kept,
    );
  }
  return files;
}

/** What a query means, as a colour: its class where there are few of them, else its photo, those with most queries. */
function meaningOf(queries: readonly EvaluationQuery[]): {
  readonly word: string;
  readonly categoryOf: (query: EvaluationQuery) => string;
} {
  const classes = new Set(queries.map(({ className }) => className));
  if (!classes.has(undefined) && classes.size > 1 && classes.size <= COLOURED_PHOTOS)
    return { word: 'class', categoryOf: ({ className }) => className ?? '' };
  const counts = new Map<string, number>();
  for (const { target = '' } of queries) counts.set(target, (counts.get(target) ?? 0) + 1);
  const coloured = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, COLOURED_PHOTOS - 1)
    .map(([target]) => target);
  return {
    word: 'photo',
    categoryOf: ({ target = '' }) => (coloured.includes(target) ? target : 'other photos'),
  };
}

function drawMap(
  queries: readonly EvaluationQuery[],
  places: MapPlaces,
  categoryOf: (query: EvaluationQuery) => string,
  title: string,
  caption: string,
): string {
  const points = queries.map((query, row) => {
    const [x, y] = places[row] ?? [0, 0];
    return { x, y, category: categoryOf(query), title: `${query.style}: ${query.target ?? query.id}` };
  });
  return scatterSvg(points, { title, caption });
}
