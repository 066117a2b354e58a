import type { EvaluationReport, QueryResult } from './evaluation-report.js';
import type { EvaluationLevel } from './evaluation-set.js';
import { metricsOf } from './figures.js';
import { metricByName } from './metrics.js';
import { reportSections } from './report-sections.js';
import { csvField } from './report-tables.js';

/** Each query of each section as one JSON object a line: what it is, where its target came, every metric, what was
 *  retrieved with scores, and the style weights that the tower saw. */
export function jsonlResults(report: EvaluationReport): string {
  return rowsOf(report)
    .map(({ section, level, result, metrics }) =>
      JSON.stringify({
        section,
        level,
        id: result.id,
        key: result.key,
        cluster: result.cluster,
        class: result.className,
        slices: result.slices,
        rank: result.ranks[0],
        tied: result.tied,
        ...metrics,
        relevant: result.relevant.map((row) => report.photoIds[row]),
        top: result.top.map(({ index, score }) => ({ photo: report.photoIds[index], score })),
        styles: result.seen?.weights ?? null,
      }),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** The same, a line a query and metric, for spreadsheets and statistics programs. */
export function csvResults(report: EvaluationReport): string {
  const lines = rowsOf(report).flatMap(({ section, level, result, metrics }) =>
    Object.entries(metrics).map(([metric, value]) =>
      [
        section,
        level,
        result.id,
        result.key,
        result.cluster,
        result.className ?? '',
        result.ranks[0],
        metric,
        value,
      ]
        .map((field) => csvField(String(field)))
        .join(','),
    ),
  );
  return `${['section,level,id,key,cluster,class,rank,metric,value', ...lines].join('\n')}\n`;
}

interface Row {
  readonly section: string;
  readonly level: EvaluationLevel;
  readonly result: QueryResult;
  readonly metrics: Readonly<Record<string, number>>;
}

function rowsOf(report: EvaluationReport): Row[] {
  const more = Array.isArray(report.settings.metrics) ? report.settings.metrics.map(String) : [];
  return reportSections(report)
    .filter(({ kind }) => kind === 'style' || kind === 'mixed')
    .flatMap(({ name, figures: { level, results } }) => {
      const names = metricsOf(level, more);
      return results.map((result) => ({
        section: name,
        level,
        result,
        metrics: Object.fromEntries(
          names.map((metric) => [metric, metricByName(metric).compute(result.ranks)]),
        ),
      }));
    });
}
