import { escapeXml } from '../image/text-cell.js';
import type { EvaluationReport } from './evaluation-report.js';
import { intervalPlotSvg } from './interval-plot-svg.js';
import { reportCaption, reportSections } from './report-sections.js';
import { reportNotes, reportTables } from './report-tables.js';

/** The report as one HTML page that stands alone: plots and tables inside, no script, nothing fetched, readable in light
 *  and dark and on a phone. */
export function htmlReport(report: EvaluationReport): string {
  const tables = reportTables(report).map(({ title, header, rows }) => {
    const cells = (row: readonly string[], tag: 'th' | 'td') =>
      row.map((cell, i) => `<${tag}${i === 0 ? '' : ' class="n"'}>${escapeXml(cell)}</${tag}>`).join('');
    return `<section><h2>${escapeXml(title)}</h2><div class="wide"><table><thead><tr>${cells(header, 'th')}</tr></thead><tbody>${rows
      .map((row) => `<tr>${cells(row, 'td')}</tr>`)
      .join('')}</tbody></table></div></section>`;
  });
  const notes = reportNotes(report).map((note) => `<li>${escapeXml(note)}</li>`);
  const settings = escapeXml(JSON.stringify(report.settings, null, 1));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(report.model)} on ${escapeXml(report.dataset)}</title>
<style>
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}body{margin:2rem auto;max-width:1100px;padding:0 1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:4px 10px;border-bottom:1px solid #8884;white-space:nowrap;text-align:left}.n{text-align:right}
svg{max-width:100%;height:auto;border-radius:6px}pre{font-size:12px;overflow-x:auto}
</style></head><body>
<h1>${escapeXml(report.model)} on ${escapeXml(report.dataset)}</h1><p>${escapeXml(reportCaption(report))}.</p>
${plots(report)}
${tables.join('\n')}
${notes.length > 0 ? `<section><h2>Notes</h2><ul>${notes.join('')}</ul></section>` : ''}
<section><h2>Settings</h2><pre>${settings}</pre></section>
</body></html>
`;
}

/** One plot a level: the two are never drawn on one scale. */
function plots(report: EvaluationReport): string {
  return (['instance', 'class'] as const)
    .map((level) => {
      const sections = reportSections(report).filter(({ figures }) => figures.level === level);
      if (sections.length === 0) return '';
      const names = level === 'instance' ? ['hit@1', 'hit@10', 'mrr'] : ['hit@1', 'map', 'ndcg@10'];
      const panels = names.map((metric) => ({
        title: metric,
        marks: sections.map(({ name, figures }) => {
          const interval = figures.ci95[metric];
          const value = figures.metrics[metric];
          return value === undefined || interval === undefined
            ? { name }
            : { name, value: 100 * value, low: 100 * interval[0], high: 100 * interval[1] };
        }),
      }));
      const title = level === 'instance' ? 'One photo is meant, %' : 'Every photo of the class is right, %';
      return intervalPlotSvg(panels, { title });
    })
    .join('\n');
}
