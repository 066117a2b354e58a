import { FEWEST_UNITS } from './estimates.js';
import type { EvaluationReport, Figures } from './evaluation-report.js';
import { CLASS_METRICS, INSTANCE_METRICS } from './metrics.js';
import { type ReportSection, reportCaption, reportSections, unansweredNote } from './report-sections.js';

const HEADINGS: Readonly<Record<string, string>> = { mrr: 'MRR', map: 'mAP', 'ndcg@10': 'nDCG@10' };
const heading = (metric: string): string => HEADINGS[metric] ?? metric;

/** Shares in percent with one digit; MRR, mAP and nDCG as they are. */
function cell(figures: Figures, metric: string): string {
  const value = figures.metrics[metric];
  const interval = figures.ci95[metric];
  if (value === undefined || interval === undefined) return '–';
  const show = /^(hit|recall)@/.test(metric)
    ? (share: number) => (100 * share).toFixed(1)
    : (mean: number) => mean.toFixed(3);
  return `${show(value)} [${show(interval[0])}, ${show(interval[1])}]${figures.tooFew ? ' too few' : ''}`;
}

/** A table of a report, in words as every form prints them. */
export interface ReportTable {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Figures of different levels or protocols never share a table. */
export function reportTables(report: EvaluationReport): ReportTable[] {
  const sections = reportSections(report);
  const instance = sections.filter(({ figures }) => figures.level === 'instance');
  const byClass = sections.filter(({ figures }) => figures.level === 'class');
  const tables = [
    figureTable('One photo is meant', instance, INSTANCE_METRICS, report),
    figureTable('Every photo of the class is relevant', byClass, CLASS_METRICS, report),
    gainTable(report),
    paperTable(report.paperProtocol),
    paperTable(report.releasedProtocol),
  ];
  return tables.filter((table) => table.rows.length > 0);
}

function figureTable(
  title: string,
  sections: readonly ReportSection[],
  usual: readonly string[],
  { gallery, settings }: EvaluationReport,
): ReportTable {
  const more = Array.isArray(settings.metrics) ? settings.metrics.map(String) : [];
  const metrics = [...new Set([...usual, ...more])];
  return {
    title,
    header: ['queries', 'n', 'gallery', ...metrics.map(heading)],
    rows: sections.map(({ name, figures }) => [
      name,
      String(figures.queries),
      String(gallery),
      ...metrics.map((metric) => cell(figures, metric)),
    ]),
  };
}

/** Whether fusing beats the better part, not only whether both look good. */
function gainTable(report: EvaluationReport): ReportTable {
  const rows = report.mixed.flatMap(({ name, gains }) =>
    gains.map(({ metric, better, fused, alone, difference, ci95, p, pHolm }) => {
      const isShare = /^(hit|recall)@/.test(metric);
      const show = (value: number) => (isShare ? (100 * value).toFixed(1) : value.toFixed(3));
      const signed = (value: number) => `${value < 0 ? '' : '+'}${show(value)}`;
      return [
        name,
        heading(metric),
        show(fused),
        `${show(alone)} (${better})`,
        `${signed(difference)} [${signed(ci95[0])}, ${signed(ci95[1])}]`,
        p.toFixed(4),
        pHolm.toFixed(4),
      ];
    }),
  );
  return {
    title: 'Fused against the better part alone, the same queries (paired randomisation test)',
    header: ['pair', 'metric', 'fused', 'alone', 'difference', 'p', 'p (Holm)'],
    rows,
  };
}

function paperTable(protocol: EvaluationReport['paperProtocol']): ReportTable {
  const results = Object.entries(protocol);
  const percent = (share: number) => (100 * share).toFixed(1);
  return {
    title: `${results[0]?.[1].protocol ?? ''}: not comparable with full-gallery figures`,
    header: ['queries', 'n', 'in-batch top-1', 'in-batch top-4', 'chance', 'photos a batch'],
    rows: results.map(([style, result]) => [
      style,
      String(result.queries),
      percent(result['in-batch top-1']),
      percent(result['in-batch top-4']),
      percent(result.chance),
      result.meanDistinctTargets.toFixed(1),
    ]),
  };
}

/** Aligned columns for a terminal. */
export function textReport(report: EvaluationReport): string {
  const tables = reportTables(report).map(({ title, header, rows }) => {
    const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
    const line = (row: readonly string[]) =>
      row
        .map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd();
    return [title, '', line(header), ...rows.map(line), ''].join('\n');
  });
  return [`${reportCaption(report)}.`, '', ...tables, ...reportNotes(report)].join('\n');
}

export function markdownReport(report: EvaluationReport): string {
  const escapePipe = (text: string) => text.replaceAll('|', '\\|');
  const line = (row: readonly string[]) => `| ${row.map(escapePipe).join(' | ')} |`;
  const tables = reportTables(report).map(({ title, header, rows }) => {
    const rule = header.map((_, i) => (i === 0 ? '---' : '---:'));
    return [`**${title}**`, '', line(header), line(rule), ...rows.map(line), ''].join('\n');
  });
  return [`${reportCaption(report)}.`, '', ...tables, ...reportNotes(report)].join('\n');
}

/** `tabular` environments with booktabs rules (`\usepackage{booktabs}`). */
export function latexReport(report: EvaluationReport): string {
  const line = (row: readonly string[]) => `${row.map(escapeLatex).join(' & ')} \\\\`;
  const tables = reportTables(report).map(({ title, header, rows }) =>
    [
      '\\begin{table}',
      `\\caption{${escapeLatex(`${title}. ${reportCaption(report)}.`)}}`,
      `\\begin{tabular}{l${'r'.repeat(header.length - 1)}}`,
      '\\toprule',
      line(header),
      '\\midrule',
      ...rows.map(line),
      '\\bottomrule',
      '\\end{tabular}',
      '\\end{table}',
      '',
    ].join('\n'),
  );
  return tables.join('\n');
}

export function escapeLatex(text: string): string {
  return text
    .replaceAll('\\', '\u0000')
    .replaceAll(/[&%$#_{}]/g, '\\$&')
    .replaceAll('~', '\\textasciitilde{}')
    .replaceAll('^', '\\textasciicircum{}')
    .replaceAll('\u0000', '\\textbackslash{}')
    .replaceAll('–', '--');
}

/** One line a figure: easy to pivot, and nothing has to be guessed from a column's name. */
export function csvReport(report: EvaluationReport): string {
  const header =
    'model,dataset,split,protocol,gallery,query_encoder,gallery_encoder,section,kind,level,queries,units,too_few,metric,value,ci95_low,ci95_high';
  const fixed = [
    report.model,
    report.dataset,
    report.split ?? '',
    report.protocol,
    String(report.gallery),
    report.queryEncoder,
    report.galleryEncoder,
  ];
  const lines = reportSections(report).flatMap(({ name, kind, figures }) =>
    Object.entries(figures.metrics).map(([metric, value]) => {
      const [low, high] = figures.ci95[metric] ?? ['', ''];
      const row = [
        ...fixed,
        name,
        kind,
        figures.level,
        figures.queries,
        figures.units,
        figures.tooFew,
        metric,
        value,
        low,
        high,
      ];
      return row.map((field) => csvField(String(field))).join(',');
    }),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

/** RFC 4180; a leading `=`, `+`, `-` or `@` is kept from being run as a formula by a spreadsheet. */
export function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What has to be known beside the tables. */
export function reportNotes(report: EvaluationReport): string[] {
  const left = reportSections(report).flatMap(({ name, figures }) => [
    ...(figures.skipped > 0
      ? [`${name}: ${figures.skipped} queries were left out because what they mean is not in the gallery.`]
      : []),
    ...(figures.tied > 0 ? [`${name}: ties decided the ranks of ${figures.tied} queries.`] : []),
  ]);
  const few = reportSections(report).some(({ figures }) => figures.tooFew)
    ? [`"too few": fewer than ${FEWEST_UNITS} targets; too few queries to judge a model by.`]
    : [];
  const broken = report.broken.map(
    ({ what, id, error }) => `${what}: ${id} could not be read and is in no figure (${error})`,
  );
  return [...report.unanswered.map(unansweredNote), ...left, ...few, ...broken];
}
