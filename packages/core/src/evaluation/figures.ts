import type { ScoreCalibration } from '../models/embedding-model.js';
import { type EmbeddingMatrix, EvaluationError } from './embedding-matrix.js';
import { type Interval, meanEstimate } from './estimates.js';
import type { Figures, QueryResult, Summary } from './evaluation-report.js';
import type { EvaluationLevel, JudgedQueries, JudgedQuery } from './evaluation-set.js';
import { makersOf } from './makers.js';
import { CLASS_METRICS, INSTANCE_METRICS, metricByName } from './metrics.js';
import { rankRelevant, topPhotos } from './ranking.js';
import { scoreGallery } from './score-gallery.js';

/** Called for each ranked query with its scores over the gallery, which are overwritten afterwards. */
export type VisitRanked = (result: QueryResult, scores: Float64Array, ignored: number | undefined) => void;

export interface RankOptions {
  /** Length of the list kept for each query. */
  readonly keepTop: number;
  readonly visit?: VisitRanked | undefined;
  /** Class of a gallery row, where it has one. */
  readonly classOf?: ((row: number) => string | undefined) | undefined;
  /** After each block of queries: ranked so far. */
  readonly onRanked?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Ranks judged queries over the full gallery, block by block; gives way to other work between blocks.
 *  @param queries row i belongs to `judged[i]`. */
export async function rankQueries(
  queries: EmbeddingMatrix,
  gallery: EmbeddingMatrix,
  judged: JudgedQueries['judged'],
  options: RankOptions,
): Promise<{ readonly results: readonly QueryResult[]; readonly calibration: ScoreCalibration }> {
  const { visit, onRanked, signal } = options;
  const results: QueryResult[] = [];
  const moments = { count: 0, sum: 0, squares: 0, queries: 0, meant: 0 };
  await scoreGallery(
    queries,
    gallery,
    (row, scores) => {
      const entry = judged[row];
      if (entry === undefined) return;
      const result = rankOne(entry, scores, options);
      addScores(moments, scores, entry.relevant);
      results.push(result);
      visit?.(result, scores, entry.ignored);
    },
    { onBlock: onRanked, signal },
  );
  return { results, calibration: calibrationOf(moments) };
}

function rankOne(entry: JudgedQuery, scores: Float64Array, { keepTop, classOf }: RankOptions): QueryResult {
  const { query, key, cluster, relevant, ignored } = entry;
  const { ranks, tied } = rankRelevant(scores, relevant, ignored);
  return {
    id: query.id,
    key,
    parts: entry.parts ?? [query.id],
    seen: entry.seen ?? null,
    cluster,
    className: query.className ?? classOf?.(relevant[0] ?? -1) ?? null,
    slices: { makers: makersOf(query), ...query.slices },
    weight: entry.weight ?? 1,
    ranks,
    tied,
    relevant,
    top: topPhotos(scores, keepTop, ignored),
  };
}

interface Moments {
  count: number;
  sum: number;
  squares: number;
  /** Queries, and the sum of their mean scores with what they mean. */
  queries: number;
  meant: number;
}

function addScores(moments: Moments, scores: Float64Array, relevant: readonly number[]): void {
  for (const score of scores) {
    moments.sum += score;
    moments.squares += score * score;
  }
  let meant = 0;
  for (const row of relevant) {
    const score = scores[row] ?? 0;
    meant += score;
    moments.sum -= score;
    moments.squares -= score * score;
  }
  moments.count += scores.length - relevant.length;
  moments.queries++;
  moments.meant += meant / relevant.length;
}

/** Where nothing can be measured (every photo is relevant), the neutral scale. */
function calibrationOf({ count, sum, squares, queries, meant }: Moments): ScoreCalibration {
  const mean = count > 0 ? sum / count : 0;
  const deviation = count > 0 ? Math.sqrt(Math.max(0, squares / count - mean * mean)) : 0;
  if (deviation <= 1e-6) return { mean: 0, deviation: 1 };
  // Never 0 or below: a style that finds nothing must still be a valid part of a composite query.
  return { mean, deviation, separation: Math.max(0.1, (meant / queries - mean) / deviation) };
}

/** Means and intervals of the metrics of a level. Queries are taken in the order of their keys, so that the order of a
 *  file changes no last digit.
 *  @param more metrics beside those that every report has.
 *  @throws {EvaluationError} when no query is left. */
export function summarise(
  results: readonly QueryResult[],
  level: EvaluationLevel,
  skipped: number,
  options: { readonly what: string; readonly more?: readonly string[] | undefined },
): Figures {
  if (results.length === 0) {
    throw new EvaluationError(
      'EVALUATION_EMPTY',
      `${options.what}: no query has a relevant photo in the gallery.`,
    );
  }
  return { level, skipped, results, ...summaryOf(results, metricsOf(level, options.more)) };
}

/** Names of the metrics that are reported at a level. */
export const metricsOf = (level: EvaluationLevel, more: readonly string[] = []): string[] => [
  ...new Set([...(level === 'class' ? CLASS_METRICS : INSTANCE_METRICS), ...more]),
];

/** What the means of a group of queries are made from. */
export interface ScoredQuery {
  readonly key: string;
  readonly cluster: string;
  readonly weight: number;
  readonly tied: boolean;
  readonly ranks: ArrayLike<number>;
}

/** Means and intervals over a group of queries: one style, one class of it, one slice. At least one query. */
export function summaryOf(queries: readonly ScoredQuery[], names: readonly string[]): Summary {
  const sorted = [...queries].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const clusters = sorted.map(({ cluster }) => cluster);
  const weights = sorted.map(({ weight }) => weight);
  const metrics: Record<string, number> = {};
  const ci95: Record<string, Interval> = {};
  let units = 0;
  let tooFew = true;
  for (const name of names) {
    const estimate = meanEstimate(metricColumn(sorted, name), clusters, weights);
    metrics[name] = estimate.value;
    ci95[name] = estimate.ci95;
    units = estimate.units;
    tooFew = estimate.tooFew;
  }
  return {
    queries: sorted.length,
    units,
    tooFew,
    tied: sorted.filter(({ tied }) => tied).length,
    metrics,
    ci95,
  };
}

/** One metric of each query. */
export function metricColumn(queries: readonly Pick<ScoredQuery, 'ranks'>[], name: string): Float64Array {
  const metric = metricByName(name);
  return Float64Array.from(queries, ({ ranks }) => metric.compute(ranks));
}
