import type { ScoreCalibration } from '../models/embedding-model.js';
import type { Random } from '../random.js';
import { bootstrapIntervals, type Interval } from './bootstrap.js';
import { type EmbeddingMatrix, EvaluationError } from './embedding-matrix.js';
import type { Figures, QueryResult } from './evaluation-report.js';
import type { EvaluationLevel, JudgedQueries } from './evaluation-set.js';
import { CLASS_METRICS, INSTANCE_METRICS, metricByName } from './metrics.js';
import { rankRelevant, topPhotos } from './ranking.js';
import { scoreGallery } from './score-gallery.js';

/** Ranks judged queries over the full gallery.
 *  @param queries row i belongs to `judged[i]`; @param keepTop length of the list kept for each query. */
export function rankQueries(
  queries: EmbeddingMatrix,
  gallery: EmbeddingMatrix,
  judged: JudgedQueries['judged'],
  keepTop: number,
): { readonly results: readonly QueryResult[]; readonly calibration: ScoreCalibration } {
  const results: QueryResult[] = [];
  const moments = { count: 0, sum: 0, squares: 0, queries: 0, meant: 0 };
  scoreGallery(queries, gallery, (row, scores) => {
    const entry = judged[row];
    if (entry === undefined) return;
    const { ranks, tied } = rankRelevant(scores, entry.relevant);
    addScores(moments, scores, entry.relevant);
    results.push({
      id: entry.query.id,
      parts: entry.parts ?? [entry.query.id],
      seen: entry.seen ?? null,
      cluster: entry.cluster,
      ranks,
      tied,
      relevant: entry.relevant,
      top: topPhotos(scores, keepTop),
    });
  });
  return { results, calibration: calibrationOf(moments) };
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

/** Means and intervals of the metrics of a level.
 *  @throws {EvaluationError} when no query is left. */
export function summarise(
  results: readonly QueryResult[],
  level: EvaluationLevel,
  skipped: number,
  options: { readonly random: Random; readonly resamples?: number | undefined; readonly what: string },
): Figures {
  if (results.length === 0) {
    throw new EvaluationError(
      'EVALUATION_EMPTY',
      `${options.what}: no query has a relevant photo in the gallery.`,
    );
  }
  const names = level === 'class' ? CLASS_METRICS : INSTANCE_METRICS;
  const columns = names.map((name) => metricColumn(results, name));
  const intervals = bootstrapIntervals(
    columns,
    results.map((result) => result.cluster),
    { random: options.random, ...(options.resamples === undefined ? {} : { resamples: options.resamples }) },
  );
  const metrics: Record<string, number> = {};
  const ci95: Record<string, Interval> = {};
  for (const [i, name] of names.entries()) {
    metrics[name] = meanOf(columns[i] ?? new Float64Array());
    ci95[name] = intervals[i] ?? [Number.NaN, Number.NaN];
  }
  const tied = results.filter((result) => result.tied).length;
  return { level, queries: results.length, skipped, tied, metrics, ci95, results };
}

/** One metric of each query. */
export function metricColumn(results: readonly QueryResult[], name: string): Float64Array {
  const metric = metricByName(name);
  return Float64Array.from(results, (result) => metric.compute(result.ranks));
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
