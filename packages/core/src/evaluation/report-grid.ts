import { createRandom, type Random } from '../random.js';
import { type Interval, quantile } from './bootstrap.js';
import { EvaluationError } from './embedding-matrix.js';
import { metricByName } from './metrics.js';
import { holmCorrection } from './paired-test.js';
import type { StoredQueries, StoredReport } from './report-json.js';

/** One run of a grid: a name for its row, and its stored report. */
export interface GridRun {
  readonly name: string;
  readonly report: StoredReport;
}

/** A share with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly ci95: Interval;
}

/** Against one reference: difference of the means over styles, paired by query, whole targets resampled. */
export interface GridDifference extends Estimate {
  readonly reference: string;
  /** Two-sided paired randomisation test on the mean over styles; Holm-adjusted over the whole grid. */
  readonly p: number;
  readonly pHolm: number;
}

export interface GridRow {
  readonly name: string;
  /** By section (`sketch`, `sketch (class)`, `text+sketch` …); a run that lacks one has no entry. */
  readonly sections: Readonly<Record<string, Estimate>>;
  /** Mean over the styles of pictures, each counted once. */
  readonly mean: Estimate;
  readonly differences: readonly GridDifference[];
}

export interface ReportGrid {
  readonly dataset: string;
  readonly split: string | null;
  readonly gallery: number;
  readonly metric: string;
  /** Styles of pictures that the mean is over. */
  readonly meanStyles: readonly string[];
  /** Every section of any run, in order of first appearance. */
  readonly sections: readonly string[];
  readonly rows: readonly GridRow[];
}

export interface GridOptions {
  readonly metric?: string;
  /** Runs that every other is compared with. */
  readonly references?: readonly string[];
  readonly seed?: number;
  readonly resamples?: number;
}

/** Lays runs over the same queries side by side, with intervals, the mean over picture styles, and differences from
 *  reference runs. The metric must follow from the first rank (`hit@k`, `mrr`).
 *  @throws {EvaluationError} no runs, runs over other data, an unknown reference. */
export function reportGrid(runs: readonly GridRun[], options: GridOptions = {}): ReportGrid {
  const { metric = 'hit@1', references = [], seed = 0, resamples = 1000 } = options;
  const [first] = runs;
  if (first === undefined) throw new EvaluationError('EVALUATION_EMPTY', 'A grid needs at least one run.');
  for (const { name, report } of runs) requireSame(first, name, report);
  for (const reference of references) {
    if (!runs.some(({ name }) => name === reference)) {
      throw new EvaluationError(
        'EVALUATION_NOT_COMPARABLE',
        `No run is called "${reference}"; there are ${runs.map(({ name }) => name).join(', ')}.`,
      );
    }
  }
  const sections = [...new Set(runs.flatMap(({ report }) => Object.keys(report.perQuery)))].filter(
    (name) => !name.includes(' alone ('),
  );
  const meanStyles = sections.filter(
    (name) => name !== 'text' && !name.includes('+') && !name.endsWith(' (class)'),
  );
  const draw = { metric, styles: meanStyles, resamples };
  const rows = runs.map(({ name, report }) => ({
    name,
    sections: Object.fromEntries(
      sections.flatMap((section) =>
        sectionEstimate(report, section, draw, createRandom(`${seed} ${section}`)),
      ),
    ),
    mean: meanEstimate([report], draw, createRandom(`${seed} mean`), ([a]) => a ?? 0),
    raw: references
      .filter((reference) => reference !== name)
      .map((reference) => {
        const other = runs.find((run) => run.name === reference)?.report ?? report;
        return { reference, ...difference(other, report, draw, createRandom(`${seed} mean`)) };
      }),
  }));
  const adjusted = holmCorrection(rows.flatMap(({ raw }) => raw.map(({ p }) => p)));
  let at = 0;
  return {
    dataset: first.report.dataset,
    split: first.report.split,
    gallery: first.report.gallery,
    metric,
    meanStyles,
    sections,
    rows: rows.map(({ raw, ...row }) => ({
      ...row,
      differences: raw.map((one) => ({ ...one, pHolm: adjusted[at++] ?? 1 })),
    })),
  };
}

function requireSame(first: GridRun, name: string, report: StoredReport): void {
  for (const key of ['dataset', 'split', 'gallery'] as const) {
    if (first.report[key] === report[key]) continue;
    throw new EvaluationError(
      'EVALUATION_NOT_COMPARABLE',
      `Runs "${first.name}" and "${name}" differ in ${key} (${first.report[key]} and ${report[key]}).`,
    );
  }
}

interface Draw {
  readonly metric: string;
  readonly styles: readonly string[];
  readonly resamples: number;
}

/** Sums and counts of one metric by cluster (rows) and style (columns). */
interface ClusterSums {
  readonly sums: Float64Array;
  readonly counts: Int32Array;
}

function sectionEstimate(
  report: StoredReport,
  section: string,
  draw: Draw,
  random: Random,
): [string, Estimate][] {
  if (report.perQuery[section] === undefined) return [];
  return [[section, meanEstimate([report], { ...draw, styles: [section] }, random, ([a]) => a ?? 0)]];
}

/** Bootstrap over clusters shared by all styles and all reports: a target is drawn with everything that belongs to it. */
function meanEstimate(
  reports: readonly StoredReport[],
  { metric, styles, resamples }: Draw,
  random: Random,
  combine: (means: readonly number[]) => number,
): Estimate {
  const clusters = clusterIndex(reports, styles);
  const tables = reports.map((report) => tabulate(report, styles, metric, clusters));
  const all = Int32Array.from({ length: clusters.size }, (_, i) => i);
  const value = combine(tables.map((table) => meanOverStyles(table, styles.length, all)));
  const values = Float64Array.from({ length: resamples }, () => {
    const drawn = all.map(() => random.integer(clusters.size));
    return combine(tables.map((table) => meanOverStyles(table, styles.length, drawn)));
  }).sort();
  return { value, ci95: [quantile(values, 0.025), quantile(values, 0.975)] };
}

function difference(
  reference: StoredReport,
  report: StoredReport,
  draw: Draw,
  random: Random,
): Estimate & { p: number } {
  const estimate = meanEstimate([reference, report], draw, random, ([a = 0, b = 0]) => b - a);
  return { ...estimate, p: randomisationP([reference, report], draw, random) };
}

/** Sign flips of whole clusters: each brings `mean over styles of (b − a) / n_style` to the difference. */
function randomisationP(
  reports: readonly [StoredReport, StoredReport],
  { metric, styles, resamples }: Draw,
  random: Random,
): number {
  const clusters = clusterIndex(reports, styles);
  const [a, b] = reports.map((report) => tabulate(report, styles, metric, clusters));
  if (a === undefined || b === undefined) return 1;
  const width = styles.length;
  const totals = styles.map((_, s) => sumColumn(a.counts, s, width));
  const parts = Float64Array.from({ length: clusters.size }, (_, c) =>
    styles.reduce((sum, _style, s) => {
      const at = c * width + s;
      return sum + ((b.sums[at] ?? 0) - (a.sums[at] ?? 0)) / Math.max(1, totals[s] ?? 1) / width;
    }, 0),
  ).filter(Boolean);
  const observed = Math.abs(parts.reduce((sum, part) => sum + part, 0));
  const threshold = observed - 1e-9 * parts.reduce((sum, part) => sum + Math.abs(part), 0);
  const permutations = 5 * resamples;
  let atLeast = 0;
  for (let t = 0; t < permutations; t++) {
    let sum = 0;
    for (const part of parts) sum += random.uniform() < 0.5 ? part : -part;
    if (Math.abs(sum) >= threshold) atLeast++;
  }
  return (1 + atLeast) / (1 + permutations);
}

function clusterIndex(reports: readonly StoredReport[], styles: readonly string[]): Map<string, number> {
  const index = new Map<string, number>();
  for (const report of reports) {
    for (const style of styles) {
      for (const cluster of report.perQuery[style]?.clusters ?? [])
        if (!index.has(cluster)) index.set(cluster, index.size);
    }
  }
  if (index.size === 0)
    throw new EvaluationError(
      'EVALUATION_EMPTY',
      `No queries of ${styles.join(', ') || 'pictures'} in these runs.`,
    );
  return index;
}

function tabulate(
  report: StoredReport,
  styles: readonly string[],
  metric: string,
  clusters: ReadonlyMap<string, number>,
): ClusterSums {
  const sums = new Float64Array(clusters.size * styles.length);
  const counts = new Int32Array(clusters.size * styles.length);
  for (const [s, style] of styles.entries()) {
    const queries = report.perQuery[style];
    if (queries === undefined) continue;
    for (const [row, value] of metricValues(queries, metric).entries()) {
      const at = (clusters.get(queries.clusters[row] ?? '') ?? 0) * styles.length + s;
      sums[at] = (sums[at] ?? 0) + value;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  return { sums, counts };
}

function metricValues({ firstRank }: StoredQueries, name: string): number[] {
  const metric = metricByName(name);
  return firstRank.map((rank) => metric.compute([rank]));
}

function meanOverStyles({ sums, counts }: ClusterSums, styles: number, drawn: Int32Array): number {
  let total = 0;
  let present = 0;
  for (let s = 0; s < styles; s++) {
    let sum = 0;
    let count = 0;
    for (const cluster of drawn) {
      sum += sums[cluster * styles + s] as number;
      count += counts[cluster * styles + s] as number;
    }
    if (count === 0) continue;
    total += sum / count;
    present++;
  }
  return present === 0 ? 0 : total / present;
}

function sumColumn(values: Int32Array, column: number, width: number): number {
  let sum = 0;
  for (let at = column; at < values.length; at += width) sum += values[at] as number;
  return sum;
}
