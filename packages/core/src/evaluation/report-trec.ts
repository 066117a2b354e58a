import type { EvaluationReport } from './evaluation-report.js';
import { reportSections } from './report-sections.js';

/** TREC run file: `query Q0 photo rank score tag`, the kept head of each list, every section of the report. */
export function trecRun(report: EvaluationReport): string {
  const tag = trecToken(report.model);
  return forEachQuery(report, (query, result) =>
    result.top.map(({ index, score }, place) => {
      const photo = trecToken(report.photoIds[index] ?? String(index));
      return `${query} Q0 ${photo} ${place + 1} ${score.toFixed(8)} ${tag}`;
    }),
  );
}

/** TREC qrels file: `query 0 photo 1`, every relevant photo of every query of the run. */
export function trecQrels(report: EvaluationReport): string {
  return forEachQuery(report, (query, result) =>
    result.relevant.map((row) => `${query} 0 ${trecToken(report.photoIds[row] ?? String(row))} 1`),
  );
}

type Result = ReturnType<typeof reportSections>[number]['figures']['results'][number];

function forEachQuery(
  report: EvaluationReport,
  lines: (query: string, result: Result) => readonly string[],
): string {
  return reportSections(report)
    .filter(({ kind }) => kind === 'style' || kind === 'mixed')
    .flatMap(({ name, figures }) =>
      figures.results.flatMap((result) => lines(trecToken(`${name}:${result.id}`), result)),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** The format is split at white space: in names it is percent-encoded, and so is the percent sign, so names stay distinct. */
function trecToken(name: string): string {
  return name.replaceAll(/[\s%]/gu, (character) => encodeURIComponent(character));
}
