import { EvaluationError } from './embedding-matrix.js';
import { type Estimate, scoreInterval } from './estimates.js';
import { type PairedSection, pairedDifference } from './paired-difference.js';
import { holmCorrection } from './paired-test.js';
import { type StoredQueries, type StoredReport, storedValues } from './report-json.js';
import { sectionsVariance } from './sections-variance.js';

/** One run of a grid: a name for its row, and a stored report for each seed that it was trained with. */
export interface GridRun {
  readonly name: string;
  readonly reports: readonly StoredReport[];
}

/** Against one reference: difference of the means over styles, paired by query, whole targets as units. */
export interface GridDifference extends Estimate {
  readonly reference: string;
  /** Two-sided; Holm-adjusted over the whole grid, each pair of runs counted once. With several seeds a run these are a
   *  level of the test. */
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
  /** Mean over the styles of pictures at one level, each counted once. */
  readonly mean: Estimate;
  readonly differences: readonly GridDifference[];
}

export interface ReportGrid {
  readonly dataset: string;
  readonly split: string | null;
  readonly gallery: number;
  readonly metric: string;
  /** Styles of pictures that the mean is over, all judged at one level. */
  readonly meanStyles: readonly string[];
  readonly meanLevel: 'instance' | 'class';
  /** Every section of any run, in order of first appearance. */
  readonly sections: readonly string[];
  readonly rows: readonly GridRow[];
}

export interface GridOptions {
  readonly metric?: string;
  /** Runs that every other is compared with. */
  readonly references?: readonly string[];
  readonly seed?: number;
  readonly permutations?: number;
}

/** Lays runs over the same queries side by side, with intervals, the mean over picture styles, and differences from
 *  reference runs. The metric must follow from the first rank (`hit@k`, `mrr`).
 *  @throws {EvaluationError} no runs, runs over other data, an unknown reference. */
export function reportGrid(runs: readonly GridRun[], options: GridOptions = {}): ReportGrid {
  const { metric = 'hit@1', references = [], seed = 0, permutations = 5000 } = options;
  const first = checkRuns(runs, references);
  const sections = [
    ...new Set(runs.flatMap(({ reports }) => reports.flatMap(({ perQuery }) => Object.keys(perQuery)))),
  ].filter((name) => !name.includes(' alone ('));
  const { level, styles } = meanStylesOf(runs, sections);
  const pairs = distinctPairs(runs, references);
  const raw = pairs.map(([reference, run]) =>
    compareMeans(reference, run, styles, metric, { seed, permutations }),
  );
  const adjusted = holmCorrection(raw.map(({ p }) => p));
  const differencesOf = (name: string): GridDifference[] =>
    references.flatMap((reference) =>
      pairs.flatMap(([a, b], i) => {
        const one = raw[i];
        if (one === undefined) return [];
        const shared = { units: one.units, tooFew: one.tooFew, p: one.p, pHolm: adjusted[i] ?? 1, reference };
        const [low, high] = one.ci95;
        if (a.name === reference && b.name === name) return [{ ...shared, value: one.value, ci95: one.ci95 }];
        // The same question asked the other way round.
        return b.name === reference && a.name === name
          ? [{ ...shared, value: -one.value, ci95: [-high, -low] as const }]
          : [];
      }),
    );
  return {
    dataset: first.dataset,
    split: first.split,
    gallery: first.gallery,
    metric,
    meanStyles: styles,
    meanLevel: level,
    sections,
    rows: runs.map(({ name, reports }) => ({
      name,
      seeds: reports.length,
      symmetric: reports.some(({ galleryEncoder }) => galleryEncoder === 'tower'),
      sections: Object.fromEntries(
        sections.flatMap((section) => {
          const there = reports.filter(({ perQuery }) => section in perQuery);
          return there.length === 0 ? [] : [[section, estimateOf(there, [section], metric)] as const];
        }),
      ),
      mean: estimateOf(reports, styles, metric),
      differences: differencesOf(name),
    })),
  };
}

function checkRuns(runs: readonly GridRun[], references: readonly string[]): StoredReport {
  const first = runs[0]?.reports[0];
  if (runs.length === 0) throw new EvaluationError('EVALUATION_EMPTY', 'A grid needs at least one run.');
  for (const { name, reports } of runs) {
    if (reports.length === 0) throw new EvaluationError('EVALUATION_EMPTY', `Run "${name}" has no report.`);
    for (const report of reports) {
      for (const key of ['dataset', 'split', 'gallery'] as const) {
        if (first?.[key] === report[key]) continue;
        throw new EvaluationError(
          'EVALUATION_NOT_COMPARABLE',
          `Runs "${runs[0]?.name}" and "${name}" differ in ${key} (${first?.[key]} and ${report[key]}).`,
        );
      }
    }
  }
  const unknown = references.find((reference) => !runs.some(({ name }) => name === reference));
  if (unknown !== undefined || first === undefined) {
    throw new EvaluationError(
      'EVALUATION_NOT_COMPARABLE',
      `No run is called "${unknown}"; there are ${runs.map(({ name }) => name).join(', ')}.`,
    );
  }
  return first;
}

/** Photo level where any picture style has it, else class level: the two say different things and are never averaged. */
function meanStylesOf(runs: readonly GridRun[], sections: readonly string[]) {
  const queriesOf = (section: string) =>
    runs.flatMap(({ reports }) => reports.flatMap(({ perQuery }) => perQuery[section] ?? []))[0];
  const pictures = sections.filter((name) => !/^text( \(class\))?$/.test(name) && !name.includes('+'));
  const at = (level: 'instance' | 'class') => pictures.filter((name) => queriesOf(name)?.level === level);
  const photos = at('instance');
  const found =
    photos.length > 0
      ? { level: 'instance' as const, styles: photos }
      : { level: 'class' as const, styles: at('class') };
  if (found.styles.length > 0) return found;
  throw new EvaluationError('EVALUATION_EMPTY', 'No queries of pictures in these runs.');
}

/** Each pair of a run and a reference once, whichever of the two is the reference of the other. */
function distinctPairs(
  runs: readonly GridRun[],
  references: readonly string[],
): (readonly [GridRun, GridRun])[] {
  const seen = new Set<string>();
  return references.flatMap((reference) =>
    runs.flatMap((run) => {
      const other = runs.find(({ name }) => name === reference);
      const key = JSON.stringify([reference, run.name].sort());
      if (other === undefined || reference === run.name || seen.has(key)) return [];
      seen.add(key);
      return [[other, run] as const];
    }),
  );
}

/** Mean over sections (each counted once) and seeds, with an interval over targets and seeds. */
function estimateOf(reports: readonly StoredReport[], sections: readonly string[], metric: string): Estimate {
  const tables = sections.flatMap((section) => {
    const stored = reports.flatMap(({ perQuery }) => perQuery[section] ?? []);
    const [model] = stored;
    return model === undefined
      ? []
      : [{ model, columns: stored.map((queries) => valuesOf(queries, metric)) }];
  });
  const { value, variance, units, df } = sectionsVariance(
    tables.map(({ model, columns }) => ({
      clusters: model.clusters,
      weights: weightsOf(model),
      columns,
    })),
  );
  return scoreInterval(value, variance, units, df);
}

const valuesOf = (queries: StoredQueries, metric: string): readonly number[] => {
  const values = storedValues(queries, metric);
  if (values !== null) return values;
  throw new EvaluationError(
    'EVALUATION_METRIC_UNKNOWN',
    `These reports do not hold ${metric} for each query.`,
  );
};

const weightsOf = ({ weights, ids }: StoredQueries): readonly number[] => weights ?? ids.map(() => 1);

/** B − A over the styles that both have. */
function compareMeans(
  a: GridRun,
  b: GridRun,
  styles: readonly string[],
  metric: string,
  { seed, permutations }: { readonly seed: number; readonly permutations: number },
) {
  const sections = styles.flatMap((style): PairedSection[] => {
    const [ofA, ofB] = [a, b].map(({ reports }) => reports.flatMap(({ perQuery }) => perQuery[style] ?? []));
    const model = ofA?.[0];
    if (model === undefined || ofA === undefined || ofB === undefined || ofB.length === 0) return [];
    const keyed = [...ofA, ...ofB].map((queries) => {
      const values = valuesOf(queries, metric);
      return new Map((queries.keys ?? queries.ids).map((key, row) => [key, values[row] ?? 0]));
    });
    const rows = (model.keys ?? model.ids)
      .map((key, row) => ({ key, row }))
      .filter(({ key }) => keyed.every((one) => one.has(key)));
    const columns = keyed.map((one) => rows.map(({ key }) => one.get(key) ?? 0));
    return [
      {
        clusters: rows.map(({ row }) => model.clusters[row] ?? ''),
        weights: rows.map(({ row }) => model.weights?.[row] ?? 1),
        a: columns.slice(0, ofA.length),
        b: columns.slice(ofA.length),
      },
    ];
  });
  const trained = (run: GridRun) => run.reports.some(({ queryEncoder }) => queryEncoder === 'tower');
  return pairedDifference(
    sections.filter(({ clusters }) => clusters.length > 0),
    { seed: `${seed} ${a.name} ${b.name}`, permutations, trained: [trained(a), trained(b)] },
  );
}
