import type { Estimate } from './estimates.js';
import { intervalPlotSvg } from './interval-plot-svg.js';
import type { GridRow, ReportGrid } from './report-grid.js';
import { csvField, escapeLatex } from './report-tables.js';

const points = (share: number): string => (100 * share).toFixed(1);
const estimate = (one: Estimate | undefined): string =>
  one === undefined
    ? '–'
    : `${points(one.value)} [${points(one.ci95[0])}, ${points(one.ci95[1])}]${one.tooFew ? ' too few' : ''}`;
const signed = (share: number): string => (share >= 0 ? '+' : '') + points(share);

/** What the figures are, beside every form of the grid. */
export function gridCaption(grid: ReportGrid): string {
  const symmetric = grid.rows.some((row) => row.symmetric)
    ? ' † symmetric mode: the gallery by the tuned tower too, so that a new tower means a new index.'
    : '';
  const split = grid.split === null ? '' : `, split ${grid.split}`;
  const level = grid.meanLevel === 'instance' ? 'photo' : 'class';
  return `${grid.metric} in %, ${grid.dataset}${split}, full gallery of ${grid.gallery} photos, 95 % score intervals over targets${seedsOf(grid)}. Mean: over ${grid.meanStyles.join(', ')} at ${level} level, each style counted once. Differences are of that mean, paired; p after Holm's correction, each pair of runs counted once.${seedNote(grid)}${symmetric}`;
}

function seedNote({ rows }: ReportGrid): string {
  return Math.max(...rows.map((row) => row.seeds)) > 1
    ? ' The test has the spread between training seeds as a level.'
    : ' Each row rests on one training seed: p tells these very models apart, not what another seed would have given.';
}

/** Rows may still wait for their later seeds while a grid runs. */
function seedsOf({ rows }: ReportGrid): string {
  const seeds = Math.max(...rows.map((row) => row.seeds));
  return seeds > 1 ? ` and ${seeds} seeds` : '';
}

/** The row's name, with what sets its figures apart. */
function rowName({ name, symmetric, seeds }: GridRow, grid: ReportGrid): string {
  const fewer =
    seeds > 1 && seeds < Math.max(...grid.rows.map((row) => row.seeds)) ? ` (${seeds} seeds)` : '';
  return `${name}${symmetric ? ' †' : ''}${fewer}`;
}

function tableOf(grid: ReportGrid): { readonly header: string[]; readonly rows: string[][] } {
  const references = [
    ...new Set(grid.rows.flatMap(({ differences }) => differences.map(({ reference }) => reference))),
  ];
  const header = ['run', ...grid.sections, 'mean', ...references.map((reference) => `against ${reference}`)];
  const rows = grid.rows.map((row) => [
    rowName(row, grid),
    ...grid.sections.map((section) => estimate(row.sections[section])),
    estimate(row.mean),
    ...references.map((reference) => differenceCell(row, reference)),
  ]);
  return { header, rows };
}

function differenceCell({ differences }: GridRow, reference: string): string {
  const one = differences.find((difference) => difference.reference === reference);
  if (one === undefined) return '–';
  return `${signed(one.value)} [${signed(one.ci95[0])}, ${signed(one.ci95[1])}], p = ${one.pHolm.toFixed(4)}`;
}

export function gridMarkdown(grid: ReportGrid): string {
  const { header, rows } = tableOf(grid);
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = header.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(header), line(rule), ...rows.map(line), '', gridCaption(grid), ''].join('\n');
}

/** One line a figure. */
export function gridCsv(grid: ReportGrid): string {
  const lines = grid.rows.flatMap(({ name, sections, mean, differences }) => [
    ...Object.entries(sections).map(([section, one]) => [name, section, grid.metric, '', one, '']),
    [name, 'mean', grid.metric, '', mean, ''],
    ...differences.map((one) => [name, 'mean', grid.metric, one.reference, one, one.pHolm]),
  ]);
  const text = lines.map(([name, section, metric, reference, one, p]) => {
    const { value, ci95 } = one as Estimate;
    return [name, section, metric, reference, value, ci95[0], ci95[1], p]
      .map((field) => csvField(String(field)))
      .join(',');
  });
  return `${['run,section,metric,difference_from,value,ci95_low,ci95_high,p_holm', ...text].join('\n')}\n`;
}

/** A booktabs table. */
export function gridLatex(grid: ReportGrid): string {
  const { header, rows } = tableOf(grid);
  const line = (row: readonly string[]) => `${row.map(escapeLatex).join(' & ')} \\\\`;
  return [
    '\\begin{table}',
    `\\caption{${escapeLatex(gridCaption(grid))}}`,
    `\\begin{tabular}{l${'r'.repeat(header.length - 1)}}`,
    '\\toprule',
    line(header),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

/** A panel for each section and one for the mean: a dot and an interval for each run. */
export function gridPlot(grid: ReportGrid): string {
  const panel = (title: string, of: (row: GridRow) => Estimate | undefined) => ({
    title,
    marks: grid.rows.map((row) => {
      const one = of(row);
      return {
        name: row.name,
        ...(one === undefined
          ? {}
          : { value: 100 * one.value, low: 100 * one.ci95[0], high: 100 * one.ci95[1] }),
      };
    }),
  });
  return intervalPlotSvg(
    [
      ...grid.sections.map((section) => panel(section, (row) => row.sections[section])),
      panel('mean', (row) => row.mean),
    ],
    { title: `${grid.dataset}: ${grid.metric}, %` },
  );
}
