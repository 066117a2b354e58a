import type { EvaluationReport, Figures, UnansweredQueries } from './evaluation-report.js';

/** One line of a report's table: a style, a style at class level, a mixed query or one of its parts. */
export interface ReportSection {
  /** `sketch`, `sketch (class)`, `text+sketch`, `text alone (text+sketch)`, `cluster …`. */
  readonly name: string;
  readonly kind: 'style' | 'mixed' | 'part' | 'cluster';
  readonly figures: Figures;
}

/** Every set of figures in a report, in the order in which reports print them. */
export function reportSections(report: EvaluationReport): ReportSection[] {
  const styles = report.styles.flatMap(({ style, figures, byClass }): ReportSection[] => [
    { name: style, kind: 'style', figures },
    ...(byClass === null ? [] : [{ name: `${style} (class)`, kind: 'style', figures: byClass } as const]),
  ]);
  const mixed = report.mixed.flatMap(({ name, mixed: figures, parts }): ReportSection[] => [
    { name, kind: 'mixed', figures },
    ...parts.map((part) => ({
      name: `${part.style} alone (${name})`,
      kind: 'part' as const,
      figures: part.figures,
    })),
  ]);
  const clusters = report.clusters.map(
    ({ cluster, figures }): ReportSection => ({ name: `cluster ${cluster}`, kind: 'cluster', figures }),
  );
  return [...styles, ...mixed, ...clusters];
}

/** What must be said beside every table: which figures these are. */
export function reportCaption(report: EvaluationReport): string {
  const split = report.split === null ? '' : `, split ${report.split}`;
  const hash = report.datasetVersion?.hash ?? null;
  const version = hash === null ? '' : `, version ${hash.slice(0, 12)}`;
  const encoder = report.queryEncoder === 'tower' ? 'query tower' : 'backbone';
  const symmetric =
    report.galleryEncoder === 'tower' ? '; symmetric mode: the gallery by the tuned tower too' : '';
  return `${report.model} (query pictures by the ${encoder}${symmetric}) on ${report.dataset}${split}${version}: full gallery of ${report.gallery} photos, 95 % score intervals over targets, ties decided against the query`;
}

/** One sentence on queries that have no figures. */
export function unansweredNote({ style, level, queries }: UnansweredQueries): string {
  if (level === null) return `${style}: its ${queries} queries name neither a target photo nor a class.`;
  const missing = level === 'instance' ? 'photo' : 'class';
  return `${style}: none of the ${queries} queries that name a ${missing} has it in the gallery; no figures at ${level} level.`;
}
