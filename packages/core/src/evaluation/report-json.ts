import { z } from 'zod';
import { EvaluationError } from './embedding-matrix.js';
import type { EvaluationReport, Figures, QueryResult, Summary } from './evaluation-report.js';
import { metricColumn, metricsOf, summaryOf } from './figures.js';
import { followsFromFirstRank, metricByName } from './metrics.js';
import { reportSections } from './report-sections.js';

/** The report as one JSON document: per style the number of queries, each metric as a share between 0 and 1 with its
 *  95 % interval under `ci95`, the same by class under `perClass`; class-level figures under `class`; levels without
 *  figures under `unanswered`; pictures that could not be read under `broken`; mixed queries, clusters and both readings
 *  of the paper protocol under keys of their own. `datasetVersion` names the data by its content hash, `settings` how it
 *  was asked. `perQuery` has what a paired comparison needs: each query's `keys` (its identity by content), unit, first
 *  rank, and `top`, what was retrieved, as places in `photos`. */
export function reportToJson(report: EvaluationReport): Record<string, unknown> {
  const { photoIds, styles, mixed, clusters, ...rest } = report;
  const more = Array.isArray(report.settings.metrics) ? report.settings.metrics.map(String) : [];
  const shown = (figures: Figures) => ({
    ...figuresToJson(figures),
    perClass: perClassToJson(figures, more),
  });
  return {
    ...rest,
    styles: Object.fromEntries(
      styles.map(({ style, figures, byClass, calibration }) => [
        style,
        { ...shown(figures), calibration, ...(byClass === null ? {} : { class: shown(byClass) }) },
      ]),
    ),
    mixed: Object.fromEntries(
      mixed.map(({ name, mixed: fused, parts, gains }) => [
        name,
        {
          ...figuresToJson(fused),
          // Against the better part alone, paired.
          gains,
          parts: Object.fromEntries(parts.map((part) => [part.style, figuresToJson(part.figures)])),
        },
      ]),
    ),
    clusters: Object.fromEntries(clusters.map(({ cluster, figures }) => [cluster, figuresToJson(figures)])),
    perQuery: perQueryToJson(report, more),
    photos: photoIds,
  };
}

function figuresToJson(figures: Figures): Record<string, unknown> {
  const { level, skipped } = figures;
  return { level, skipped, ...summaryToJson(figures) };
}

function summaryToJson({ queries, units, tooFew, tied, metrics, ci95 }: Summary): Record<string, unknown> {
  return { queries, units, tooFew, tied, ...metrics, ci95 };
}

/** Figures of each class of a style. */
export function classSummaries(figures: Figures, more: readonly string[]): Map<string, Summary> {
  const groups = new Map<string, QueryResult[]>();
  for (const result of figures.results) {
    if (result.className === null) continue;
    const group = groups.get(result.className);
    if (group === undefined) groups.set(result.className, [result]);
    else group.push(result);
  }
  const names = metricsOf(figures.level, more);
  return new Map(
    [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => [name, summaryOf(group, names)]),
  );
}

const perClassToJson = (figures: Figures, more: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    [...classSummaries(figures, more)].map(([name, summary]) => [name, summaryToJson(summary)]),
  );

function perQueryToJson(report: EvaluationReport, more: readonly string[]): Record<string, unknown> {
  const sections = reportSections(report).filter(({ kind }) => kind !== 'cluster');
  return Object.fromEntries(
    sections.map(({ name, figures: { level, results } }) => {
      // hit@k and MRR follow from the first rank; the others do not.
      const others = metricsOf(level, more).filter((metric) => !followsFromFirstRank(metric));
      const columns = others.map((metric) => [metric, [...metricColumn(results, metric)].map(sixDigits)]);
      const weighted = results.some(({ weight }) => weight !== 1);
      const slices = results.some(({ slices: one }) => Object.keys(one).length > 0);
      return [
        name,
        {
          level,
          ids: results.map((result) => result.id),
          keys: results.map((result) => result.key),
          clusters: results.map((result) => result.cluster),
          classes: results.map((result) => result.className),
          ...(slices ? { slices: results.map((result) => result.slices) } : {}),
          ...(weighted ? { weights: results.map((result) => result.weight) } : {}),
          firstRank: results.map((result) => result.ranks[0]),
          top: results.map((result) => result.top.map(({ index }) => index)),
          ...Object.fromEntries(columns),
        },
      ];
    }),
  );
}

const sixDigits = (value: number): number => Number(value.toFixed(6));

const perQuerySchema = z
  .object({
    level: z.enum(['instance', 'class']),
    ids: z.array(z.string()),
    /** Absent in reports from before queries had an identity. */
    keys: z.array(z.string()).optional(),
    clusters: z.array(z.string()),
    weights: z.array(z.number()).optional(),
    firstRank: z.array(z.number().int().min(1)),
  })
  // Metrics that do not follow from the first rank, by name.
  .catchall(z.unknown())
  .refine(
    ({ ids, clusters, firstRank, keys = ids, weights = firstRank }) =>
      [clusters, firstRank, keys, weights].every(({ length }) => length === ids.length),
    { message: 'ids, keys, clusters and firstRank must have one entry for each query' },
  );

const storedReportSchema = z.object({
  model: z.string(),
  queryHash: z.string().default(''),
  queryEncoder: z.enum(['tower', 'backbone']).default('tower'),
  dataset: z.string(),
  split: z.string().nullable(),
  /** Absent in reports from before datasets had versions. */
  datasetVersion: z.object({ name: z.string(), hash: z.string().nullable() }).nullish(),
  protocol: z.literal('full-gallery'),
  gallery: z.number().int().positive(),
  // Reports written before there was a symmetric mode do not name it.
  galleryEncoder: z.enum(['backbone', 'tower']).default('backbone'),
  perQuery: z.record(z.string(), perQuerySchema),
});

/** What a comparison reads from a report's JSON. */
export type StoredReport = z.infer<typeof storedReportSchema>;
export type StoredQueries = z.infer<typeof perQuerySchema>;

/** Reads a report written by `reportToJson`.
 *  @param where the file's name, for errors. @throws {EvaluationError} not JSON, or not such a report. */
export function parseReportJson(text: string, where: string): StoredReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EvaluationError(
      'EVALUATION_REPORT_INVALID',
      `${where}: expected an evaluation report, but it is not JSON.`,
      {},
      cause,
    );
  }
  const parsed = storedReportSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EvaluationError(
    'EVALUATION_REPORT_INVALID',
    `${where}: expected an evaluation report as "eval --json" writes it; at ${issue?.path.join('.') || 'the top'}: ${issue?.message}.`,
  );
}

/** A metric's value for each query of a stored section; null where the report does not hold it.
 *  @throws {EvaluationError} a name that is no metric. */
export function storedValues(queries: StoredQueries, metric: string): readonly number[] | null {
  const { compute } = metricByName(metric);
  if (followsFromFirstRank(metric)) return queries.firstRank.map((rank) => compute([rank]));
  const column = z.array(z.number()).length(queries.ids.length).safeParse(queries[metric]);
  return column.success ? column.data : null;
}
