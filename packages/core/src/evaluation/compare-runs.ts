import { EvaluationError } from './embedding-matrix.js';
import { type PairedDifference, type PairedSection, pairedDifference } from './paired-difference.js';
import { holmCorrection } from './paired-test.js';
import { type StoredQueries, type StoredReport, storedValues } from './report-json.js';
import { tieGroups } from './tie-groups.js';

/** One run: a name, and a stored report for each seed that it was trained with. */
export interface ComparedRun {
  readonly name: string;
  readonly reports: readonly StoredReport[];
}

/** Name of the question that asks all picture styles together. */
export const MEAN = 'mean over styles';

/** One metric of one section (or of the mean over styles) in two runs, on the queries that both have. */
export interface Comparison extends PairedDifference {
  readonly a: string;
  readonly b: string;
  readonly section: string;
  readonly level: 'instance' | 'class';
  readonly metric: string;
  /** Queries in both runs, and in one of them alone (not compared). */
  readonly queries: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly valueA: number;
  /** `value` is valueB − valueA. */
  readonly valueB: number;
  readonly seeds: readonly [number, number];
  /** Holm-adjusted over every question asked here once; null where nothing differs, which is no question. */
  readonly pHolm: number | null;
  /** Ids of queries that B answers better, and worse, by this metric (the mean over seeds). */
  readonly won: readonly string[];
  readonly lost: readonly string[];
}

export interface RunsComparison {
  readonly runs: readonly { readonly name: string; readonly model: string; readonly seeds: number }[];
  readonly comparisons: readonly Comparison[];
  /** By section and metric: runs that cannot be told apart stand in one group, best first. */
  readonly groups: readonly {
    readonly section: string;
    readonly metric: string;
    readonly groups: readonly (readonly string[])[];
  }[];
  /** Styles that the mean is over, all at one level. */
  readonly mean: { readonly level: 'instance' | 'class'; readonly styles: readonly string[] } | null;
  /** What has to be known beside the figures. */
  readonly notes: readonly string[];
}

export interface CompareOptions {
  readonly metrics?: readonly string[];
  readonly seed?: number;
  readonly permutations?: number;
}

/** Compares two runs or more, each pair of them query by query on the sections they share. Queries are paired by their
 *  identity, whatever their files are called and wherever they stand.
 *  @throws {EvaluationError} fewer than two runs, other dataset, split or gallery, reports from before queries had an
 *  identity, or no query in common: their figures say nothing together. */
export function compareRuns(runs: readonly ComparedRun[], options: CompareOptions = {}): RunsComparison {
  checkComparable(runs);
  const { metrics = ['hit@1', 'hit@10', 'mrr', 'map'], seed = 0, permutations = 10_000 } = options;
  const sections = sharedSections(runs);
  const mean = meanOf(runs, sections);
  const raw = pairsOf(runs).flatMap(([a, b]) =>
    metrics.flatMap((metric) => {
      const questions = sections.flatMap((section) =>
        ask(a, b, [section], section, metric, { seed, permutations }),
      );
      const all =
        mean && mean.styles.length > 1 ? ask(a, b, mean.styles, MEAN, metric, { seed, permutations }) : [];
      return [...questions, ...all];
    }),
  );
  if (raw.length === 0) {
    throw new EvaluationError(
      'EVALUATION_NOT_COMPARABLE',
      `The runs have no style or no query in common. ${MADE_ALIKE}`,
    );
  }
  // Where nothing differs nothing can be found: it is no question, and does not make the others harder (Tarone 1990).
  const asked = raw.filter(({ identical }) => !identical);
  const adjusted = holmCorrection(asked.map(({ p }) => p));
  const comparisons = raw.map((one) => ({ ...one, pHolm: adjusted[asked.indexOf(one)] ?? null }));
  return {
    runs: runs.map(({ name, reports }) => ({ name, model: reports[0]?.model ?? '', seeds: reports.length })),
    comparisons,
    groups: groupsOf(
      comparisons,
      runs.map(({ name }) => name),
    ),
    mean,
    notes: notesOf(runs, comparisons),
  };
}

const MADE_ALIKE = 'Made queries are the same only under the same --seed, --makers and --strength.';

function checkComparable(runs: readonly ComparedRun[]): void {
  const [first] = runs;
  const fail = (message: string): never => {
    throw new EvaluationError('EVALUATION_NOT_COMPARABLE', message);
  };
  if (runs.length < 2 || first === undefined) fail('A comparison needs two runs or more.');
  if (new Set(runs.map(({ name }) => name)).size < runs.length) fail('Two runs have the same name.');
  for (const { name, reports } of runs) {
    if (reports.length === 0) fail(`Run "${name}" has no report.`);
    for (const report of reports) {
      for (const key of ['dataset', 'split', 'gallery'] as const) {
        const known = first?.reports[0]?.[key];
        if (known === report[key]) continue;
        fail(
          `The two runs differ in ${key} (${known} and ${report[key]}); compare runs over the same queries and gallery.`,
        );
      }
      if (Object.values(report.perQuery).some(({ keys }) => keys === undefined))
        fail(
          `The report of ${name} is from before queries had an identity of their own, so its queries cannot be paired safely; evaluate it again.`,
        );
    }
  }
}

const pairsOf = (runs: readonly ComparedRun[]): (readonly [ComparedRun, ComparedRun])[] =>
  runs.flatMap((a, i) => runs.slice(i + 1).map((b) => [a, b] as const));

/** Sections of every report, without the parts of pairs: they are the styles' queries once more. */
function sharedSections(runs: readonly ComparedRun[]): string[] {
  const reports = runs.flatMap(({ reports: own }) => own);
  return Object.keys(reports[0]?.perQuery ?? {}).filter(
    (section) => !section.includes(' alone (') && reports.every(({ perQuery }) => section in perQuery),
  );
}

/** One level for all: that of the photo where a picture style has it, else that of the class. */
function meanOf(runs: readonly ComparedRun[], sections: readonly string[]): RunsComparison['mean'] {
  const report = runs[0]?.reports[0];
  const pictures = sections.filter(
    (section) => !section.includes('+') && !/^text( \(class\))?$/.test(section),
  );
  for (const level of ['instance', 'class'] as const) {
    const styles = pictures.filter((section) => report?.perQuery[section]?.level === level);
    if (styles.length > 0) return { level, styles };
  }
  return null;
}

/** The question whether two runs differ on some sections together. Empty where a report does not hold the metric, or no
 *  query is in both. */
function ask(
  runA: ComparedRun,
  runB: ComparedRun,
  sections: readonly string[],
  name: string,
  metric: string,
  { seed, permutations }: { readonly seed: number; readonly permutations: number },
): Omit<Comparison, 'pHolm'>[] {
  const joined = sections.map((section) => joinSection(runA, runB, section, metric));
  const paired = joined.flatMap((one) => (one === null || one.ids.length === 0 ? [] : [one]));
  const [first] = paired;
  if (first === undefined || paired.length < joined.length) return [];
  const sum = (of: (one: Joined) => number) => paired.reduce((total, one) => total + of(one), 0);
  const found = pairedDifference(paired, {
    seed: `${seed} ${name} ${metric}`,
    permutations,
    trained: [isTrained(runA), isTrained(runB)],
  });
  const valueA = sum((one) => sideMean(one, 'a')) / paired.length;
  return [
    {
      ...found,
      a: runA.name,
      b: runB.name,
      section: name,
      level: first.level,
      metric,
      queries: sum(({ ids }) => ids.length),
      onlyA: sum(({ onlyA }) => onlyA),
      onlyB: sum(({ onlyB }) => onlyB),
      valueA,
      valueB: sum((one) => sideMean(one, 'b')) / paired.length,
      seeds: [runA.reports.length, runB.reports.length],
      won: paired.flatMap((one) => moved(one, 1)),
      lost: paired.flatMap((one) => moved(one, -1)),
    },
  ];
}

const isTrained = ({ reports }: ComparedRun): boolean =>
  reports.some(({ queryEncoder }) => queryEncoder === 'tower');

interface Joined extends PairedSection {
  readonly ids: readonly string[];
  readonly level: 'instance' | 'class';
  readonly onlyA: number;
  readonly onlyB: number;
}

/** The queries that every report of both runs holds, in the order of their keys. */
function joinSection(runA: ComparedRun, runB: ComparedRun, section: string, metric: string): Joined | null {
  const sides = [runA, runB].map(({ reports }) => reports.flatMap(({ perQuery }) => perQuery[section] ?? []));
  const [ofA = [], ofB = []] = sides;
  const model = ofA[0];
  const tables = [...ofA, ...ofB].map((queries) => table(queries, metric));
  if (model === undefined || ofB.length === 0 || tables.includes(null)) return null;
  const complete = tables.flatMap((one) => one ?? []);
  const keys = [...(complete[0]?.keys() ?? [])].filter((key) => complete.every((one) => one.has(key))).sort();
  const rowOf = new Map((model.keys ?? []).map((key, row) => [key, row]));
  const rows = keys.map((key) => rowOf.get(key) ?? 0);
  const columns = complete.map((one) => keys.map((key) => one.get(key) ?? 0));
  const names = (queries: readonly StoredQueries[]) =>
    new Set(queries.flatMap(({ keys: own }) => own ?? [])).size;
  return {
    ids: rows.map((row) => model.ids[row] ?? ''),
    level: model.level,
    clusters: rows.map((row) => model.clusters[row] ?? ''),
    weights: rows.map((row) => model.weights?.[row] ?? 1),
    a: columns.slice(0, ofA.length),
    b: columns.slice(ofA.length),
    onlyA: names(ofA) - keys.length,
    onlyB: names(ofB) - keys.length,
  };
}

function table(queries: StoredQueries, metric: string): Map<string, number> | null {
  const values = storedValues(queries, metric);
  return values === null ? null : new Map((queries.keys ?? []).map((key, row) => [key, values[row] ?? 0]));
}

function sideMean({ weights, ...one }: Joined, side: 'a' | 'b'): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const means = one[side].map(
    (column) => column.reduce((sum, value, row) => sum + value * (weights[row] ?? 0), 0) / total,
  );
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
}

function moved({ ids, a, b }: Joined, sign: 1 | -1): string[] {
  const mean = (columns: readonly (readonly number[])[], row: number) =>
    columns.reduce((sum, column) => sum + (column[row] ?? 0), 0) / columns.length;
  return ids.filter((_, row) => sign * (mean(b, row) - mean(a, row)) > 1e-12);
}

function groupsOf(comparisons: readonly Comparison[], names: readonly string[]): RunsComparison['groups'] {
  const questions = new Map<string, Comparison[]>();
  for (const one of comparisons) {
    const key = JSON.stringify([one.section, one.metric]);
    questions.set(key, [...(questions.get(key) ?? []), one]);
  }
  return [...questions.values()].flatMap((pairs) => {
    const [first] = pairs;
    return first === undefined
      ? []
      : [{ section: first.section, metric: first.metric, groups: tieGroups(pairs, names) }];
  });
}

function notesOf(runs: readonly ComparedRun[], comparisons: readonly Comparison[]): string[] {
  const notes = new Set<string>();
  const [first] = runs;
  for (const run of runs.slice(1)) {
    const version = versionDifference(first, run);
    if (version !== null) notes.add(version);
  }
  const compared = new Set(comparisons.map(({ section }) => section));
  const left = sharedSections(runs).filter((section) => !compared.has(section));
  if (left.length > 0) notes.add(`Not compared, for no query is in both: ${left.join(', ')}. ${MADE_ALIKE}`);
  for (const { a, b, section, onlyA, onlyB } of comparisons) {
    if (section === MEAN || onlyA + onlyB === 0) continue;
    notes.add(
      `${section}: ${onlyA} queries are in ${a} alone and ${onlyB} in ${b} alone; they are not compared. ${MADE_ALIKE}`,
    );
  }
  if (runs.some((run) => isTrained(run)) && runs.every(({ reports }) => reports.length === 1)) {
    notes.add(
      'Each run stands on one training seed: the test tells these very models apart, not what another seed would have given.',
    );
  }
  return [...notes];
}

/** What to know before two runs are compared; null where they were made on the same data. */
function versionDifference(a: ComparedRun | undefined, b: ComparedRun): string | null {
  const hashOf = (run: ComparedRun | undefined) => run?.reports[0]?.datasetVersion?.hash ?? null;
  const [ofA, ofB] = [hashOf(a), hashOf(b)];
  if (ofA === ofB) return null;
  const shown = (hash: string | null) => hash?.slice(0, 12) ?? 'one that the report does not name';
  return (
    `${a?.name} and ${b.name} were made on different versions of ${b.reports[0]?.dataset} (${shown(ofA)} and ${shown(ofB)}): ` +
    'a difference between them may be one of the data.'
  );
}
