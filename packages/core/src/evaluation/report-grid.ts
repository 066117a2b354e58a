import { createRandom, type Random } from '../random.js';
import { type Interval, quantile } from './bootstrap.js';
import { EvaluationError } from './embedding-matrix.js';
import { metricByName } from './metrics.js';
import { holmCorrection } from './paired-test.js';
import type { StoredQueries, StoredReport } from './report-json.js';

/** One run of a grid: a name for its row, and a stored report for each seed that it was trained with. */
export interface GridRun {
  readonly name: string;
  readonly reports: readonly StoredReport[];
}

/** A share with its 95 % interval: a mean over seeds; with several, the interval is over seeds and targets. */
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
  readonly seeds: number;
  /** The gallery went through the tuned tower too. */
  readonly symmetric: boolean;
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
  for (const { name, reports } of runs) {
    if (reports.length === 0) throw new EvaluationError('EVALUATION_EMPTY', `Run "${name}" has no report.`);
    for (const report of reports) requireSame(first, name, report);
  }
  for (const reference of references) {
    if (!runs.some(({ name }) => name === reference)) {
      throw new EvaluationError(
        'EVALUATION_NOT_COMPARABLE',
        `No run is called "${reference}"; there are ${runs.map(({ name }) => name).join(', ')}.`,
      );
    }
  }
  const sections = [
    ...new Set(runs.flatMap(({ reports }) => reports.flatMap(({ perQuery }) => Object.keys(perQuery)))),
  ].filter((name) => !name.includes(' alone ('));
  const meanStyles = sections.filter(
    (name) => name !== 'text' && !name.includes('+') && !name.endsWith(' (class)'),
  );
  const draw = { metric, styles: meanStyles, resamples };
  const rows = runs.map(({ name, reports }) => ({
    name,
    seeds: reports.length,
    symmetric: reports.some(({ galleryEncoder }) => galleryEncoder === 'tower'),
    sections: Object.fromEntries(
      sections.flatMap((section) =>
        sectionEstimate(reports, section, draw, createRandom(`${seed} ${section}`)),
      ),
    ),
    mean: meanEstimate([reports], draw, createRandom(`${seed} mean`), ([a]) => a ?? 0),
    raw: references
      .filter((reference) => reference !== name)
      .map((reference) => {
        const others = runs.find((run) => run.name === reference)?.reports ?? reports;
        return { reference, ...difference(others, reports, draw, createRandom(`${seed} mean`)) };
      }),
  }));
  const adjusted = holmCorrection(rows.flatMap(({ raw }) => raw.map(({ p }) => p)));
  let at = 0;
  return {
    dataset: first.reports[0]?.dataset ?? '',
    split: first.reports[0]?.split ?? null,
    gallery: first.reports[0]?.gallery ?? 0,
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
    const known = first.reports[0]?.[key];
    if (known === report[key]) continue;
    throw new EvaluationError(
      'EVALUATION_NOT_COMPARABLE',
      `Runs "${first.name}" and "${name}" differ in ${key} (${known} and ${report[key]}).`,
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
  reports: readonly StoredReport[],
  section: string,
  draw: Draw,
  random: Random,
): [string, Estimate][] {
  if (reports.every(({ perQuery }) => perQuery[section] === undefined)) return [];
  return [[section, meanEstimate([reports], { ...draw, styles: [section] }, random, ([a]) => a ?? 0)]];
}

/** Bootstrap over clusters shared by all styles and all runs: a target is drawn with everything that belongs to it.
 *  Where runs have several seeds these are drawn too, the same ones for each run, since equal seeds draw equal batches. */
function meanEstimate(
  runs: readonly (readonly StoredReport[])[],
  { metric, styles, resamples }: Draw,
  random: Random,
  combine: (means: readonly number[]) => number,
): Estimate {
  const clusters = clusterIndex(runs.flat(), styles);
  const tables = runs.map((reports) => reports.map((report) => tabulate(report, styles, metric, clusters)));
  const seeds = Math.max(1, ...runs.map((reports) => reports.length));
  const meanOf = (drawn: Int32Array, drawnSeeds: readonly number[]) =>
    combine(
      tables.map((ofSeeds) => {
        const means = drawnSeeds.map((seed) => {
          const table = ofSeeds[seed % ofSeeds.length];
          return table ? meanOverStyles(table, styles.length, drawn) : 0;
        });
        return means.reduce((sum, mean) => sum + mean, 0) / means.length;
      }),
    );
  const all = Int32Array.from({ length: clusters.size }, (_, i) => i);
  const allSeeds = Array.from({ length: seeds }, (_, seed) => seed);
  const value = meanOf(all, allSeeds);
  const values = Float64Array.from({ length: resamples }, () => {
    const drawn = all.map(() => random.integer(clusters.size));
    return meanOf(drawn, seeds === 1 ? allSeeds : allSeeds.map(() => random.integer(seeds)));
  }).sort();
  return { value, ci95: [quantile(values, 0.025), quantile(values, 0.975)] };
}

function difference(
  reference: readonly StoredReport[],
  reports: readonly StoredReport[],
  draw: Draw,
  random: Random,
): Estimate & { p: number } {
  const estimate = meanEstimate([reference, reports], draw, random, ([a = 0, b = 0]) => b - a);
  return { ...estimate, p: randomisationP([reference, reports], draw, random) };
}

/** Sign flips of whole clusters: each brings `mean over styles of (b − a) / n_style` to the difference, the seeds of a
 *  run averaged. */
function randomisationP(
  runs: readonly [readonly StoredReport[], readonly StoredReport[]],
  { metric, styles, resamples }: Draw,
  random: Random,
): number {
  const clusters = clusterIndex(runs.flat(), styles);
  const width = styles.length;
  /** What each cluster brings to a run's mean over styles. */
  const shares = runs.map((reports) => {
    const parts = new Float64Array(clusters.size);
    for (const report of reports) {
      const { sums, counts } = tabulate(report, styles, metric, clusters);
      const totals = styles.map((_, s) => Math.max(1, sumColumn(counts, s, width)));
      for (let at = 0; at < sums.length; at++) {
        const cluster = Math.floor(at / width);
        const share = (sums[at] ?? 0) / (totals[at % width] ?? 1) / width / reports.length;
        parts[cluster] = (parts[cluster] ?? 0) + share;
      }
    }
    return parts;
  });
  const parts = Float64Array.from(shares[0] ?? [], (a, c) => (shares[1]?.[c] ?? 0) - a).filter(Boolean);
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
