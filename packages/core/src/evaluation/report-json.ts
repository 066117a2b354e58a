import { z } from 'zod';
import { EvaluationError } from './embedding-matrix.js';
import type { EvaluationReport, Figures } from './evaluation-report.js';
import { metricColumn } from './figures.js';
import { CLASS_METRICS } from './metrics.js';
import { reportSections } from './report-sections.js';

/** The report as one JSON document: per style the number of queries, each metric as a share between 0 and 1 with its
 *  95 % interval under `ci95`; class-level figures under `class`; levels without
 *  figures under `unanswered`; mixed queries, clusters and the paper protocol under keys
 *  of their own. `datasetVersion` names the data by its content hash. `perQuery` has what a paired comparison needs. */
export function reportToJson(report: EvaluationReport): Record<string, unknown> {
  return {
    model: report.model,
    dataset: report.dataset,
    split: report.split,
    datasetVersion: report.datasetVersion,
    protocol: report.protocol,
    gallery: report.gallery,
    queryEncoder: report.queryEncoder,
    galleryEncoder: report.galleryEncoder,
    spaceHash: report.spaceHash,
    queryHash: report.queryHash,
    seed: report.seed,
    styles: Object.fromEntries(
      report.styles.map(({ style, figures, byClass, calibration }) => [
        style,
        {
          ...figuresToJson(figures),
          calibration,
          ...(byClass === null ? {} : { class: figuresToJson(byClass) }),
        },
      ]),
    ),
    unanswered: report.unanswered,
    mixed: Object.fromEntries(
      report.mixed.map(({ name, mixed, parts, gains }) => [
        name,
        {
          ...figuresToJson(mixed),
          // Against the better part alone, paired.
          gains,
          parts: Object.fromEntries(parts.map((part) => [part.style, figuresToJson(part.figures)])),
        },
      ]),
    ),
    clusters: Object.fromEntries(
      report.clusters.map(({ cluster, figures }) => [cluster, figuresToJson(figures)]),
    ),
    paperProtocol: report.paperProtocol,
    perQuery: perQueryToJson(report),
  };
}

function figuresToJson(figures: Figures): Record<string, unknown> {
  const { level, queries, skipped, tied, metrics, ci95 } = figures;
  return { level, queries, skipped, tied, ...metrics, ci95 };
}

function perQueryToJson(report: EvaluationReport): Record<string, unknown> {
  const sections = reportSections(report).filter(({ kind }) => kind !== 'cluster');
  return Object.fromEntries(
    sections.map(({ name, figures: { level, results } }) => {
      // hit@k and MRR follow from the first rank; the others do not.
      const others = level === 'class' ? CLASS_METRICS.filter((metric) => !/^(hit@|mrr)/.test(metric)) : [];
      const columns = others.map((metric) => [metric, [...metricColumn(results, metric)].map(sixDigits)]);
      return [
        name,
        {
          level,
          ids: results.map((result) => result.id),
          clusters: results.map((result) => result.cluster),
          firstRank: results.map((result) => result.ranks[0]),
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
    clusters: z.array(z.string()),
    firstRank: z.array(z.number().int().min(1)),
    'recall@10': z.array(z.number()).optional(),
    map: z.array(z.number()).optional(),
    'ndcg@10': z.array(z.number()).optional(),
  })
  .refine(
    ({ ids, clusters, firstRank }) => ids.length === clusters.length && ids.length === firstRank.length,
    {
      message: 'ids, clusters and firstRank must have one entry for each query',
    },
  );

const storedReportSchema = z.object({
  model: z.string(),
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
