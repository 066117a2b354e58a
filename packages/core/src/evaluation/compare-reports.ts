import { createRandom } from '../random.js';
import { EvaluationError } from './embedding-matrix.js';
import { metricByName } from './metrics.js';
import { holmCorrection, pairedRandomisationTest } from './paired-test.js';
import type { StoredQueries, StoredReport } from './report-json.js';

/** One metric of one section in two runs, on the queries that both have. */
export interface Comparison {
  readonly section: string;
  readonly metric: string;
  readonly queries: number;
  readonly a: number;
  readonly b: number;
  /** b − a. */
  readonly difference: number;
  /** Two-sided, paired randomisation test over targets. */
  readonly p: number;
  /** Holm-adjusted over every comparison made here. */
  readonly pHolm: number;
  /** Ids of queries that B answers better, and worse, by this metric. */
  readonly won: readonly string[];
  readonly lost: readonly string[];
}

export interface CompareOptions {
  readonly metrics?: readonly string[];
  readonly seed?: number;
  readonly permutations?: number;
}

/** Compares two runs query by query on the sections they share.
 *  @throws {EvaluationError} other dataset, split or gallery, or no query in common: their figures say nothing together. */
export function compareReports(a: StoredReport, b: StoredReport, options: CompareOptions = {}): Comparison[] {
  for (const key of ['dataset', 'split', 'gallery'] as const) {
    if (a[key] === b[key]) continue;
    throw new EvaluationError(
      'EVALUATION_NOT_COMPARABLE',
      `The two runs differ in ${key} (${a[key]} and ${b[key]}); compare runs over the same queries and gallery.`,
    );
  }
  const { metrics = ['hit@1', 'hit@10', 'mrr', 'map'], seed = 0, permutations = 10_000 } = options;
  const raw = Object.keys(a.perQuery).flatMap((section) => {
    const [ofA, ofB] = [a.perQuery[section], b.perQuery[section]];
    if (ofA === undefined || ofB === undefined) return [];
    return metrics.flatMap((metric) => {
      const random = createRandom(`${seed} ${section} ${metric}`);
      const found = compareSection(section, metric, ofA, ofB, { random, permutations });
      return found === null ? [] : [found];
    });
  });
  if (raw.length === 0) {
    throw new EvaluationError(
      'EVALUATION_NOT_COMPARABLE',
      `The two runs have no style or no query in common. ${MADE_ALIKE}`,
    );
  }
  const adjusted = holmCorrection(raw.map(({ p }) => p));
  return raw.map((comparison, i) => ({ ...comparison, pHolm: adjusted[i] ?? 1 }));
}

function compareSection(
  section: string,
  metric: string,
  a: StoredQueries,
  b: StoredQueries,
  options: Parameters<typeof pairedRandomisationTest>[3],
): Omit<Comparison, 'pHolm'> | null {
  const [valuesA, valuesB] = [queryValues(a, metric), queryValues(b, metric)];
  if (valuesA === null || valuesB === null) return null;
  const rowInB = new Map(b.ids.map((id, row) => [id, row]));
  const rows = a.ids.flatMap((id, row) => {
    const other = rowInB.get(id);
    return other === undefined
      ? []
      : [{ id, cluster: a.clusters[row] ?? id, a: valuesA[row] ?? 0, b: valuesB[other] ?? 0 }];
  });
  if (rows.length === 0) return null;
  const columnA = rows.map((row) => row.a);
  const columnB = rows.map((row) => row.b);
  const clusters = rows.map((row) => row.cluster);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const { difference, p } = pairedRandomisationTest(columnA, columnB, clusters, options);
  return {
    section,
    metric,
    queries: rows.length,
    a: mean(columnA),
    b: mean(columnB),
    difference,
    p,
    won: rows.filter((row) => row.b > row.a).map(({ id }) => id),
    lost: rows.filter((row) => row.b < row.a).map(({ id }) => id),
  };
}

/** A metric's value for each query; null where the stored report does not hold it. */
function queryValues(queries: StoredQueries, metric: string): readonly number[] | null {
  if (/^hit@|^mrr$/.test(metric)) {
    const { compute } = metricByName(metric);
    return queries.firstRank.map((rank) => compute([rank]));
  }
  if (metric === 'map' || metric === 'recall@10' || metric === 'ndcg@10') return queries[metric] ?? null;
  throw new EvaluationError(
    'EVALUATION_METRIC_UNKNOWN',
    `Runs can be compared by hit@k, mrr, map, recall@10 and ndcg@10, not by "${metric}".`,
  );
}

/** What to know before two reports are compared; null where they were made on the same data. */
export function versionDifference(a: StoredReport, b: StoredReport): string | null {
  const [ofA, ofB] = [a.datasetVersion?.hash ?? null, b.datasetVersion?.hash ?? null];
  if (ofA === null && ofB === null) return null;
  if (ofA === ofB) return null;
  const shown = (hash: string | null) => hash?.slice(0, 12) ?? 'one that the report does not name';
  return (
    `A and B were made on different versions of ${a.dataset} (${shown(ofA)} and ${shown(ofB)}): ` +
    'a difference between them may be one of the data.'
  );
}

/** Names the sections of both reports that have no query in common and so are not compared; null where there are none. */
export function unsharedSections(a: StoredReport, b: StoredReport): string | null {
  const apart = Object.entries(a.perQuery).flatMap(([section, { ids }]) => {
    const other = b.perQuery[section];
    return other === undefined || ids.some((id) => other.ids.includes(id)) ? [] : [section];
  });
  if (apart.length === 0) return null;
  return `Not compared, because A and B have no query in common there: ${apart.join(', ')}. ${MADE_ALIKE}`;
}

const MADE_ALIKE = 'Made queries are the same only under the same --seed, --makers and --strength.';

/** A terminal's table. */
export function textComparison(a: StoredReport, b: StoredReport, comparisons: readonly Comparison[]): string {
  const header = ['queries', 'metric', 'n', 'A', 'B', 'B − A', 'p', 'p (Holm)', 'won', 'lost'];
  const rows = comparisons.map((c) => [
    c.section,
    c.metric,
    String(c.queries),
    c.a.toFixed(4),
    c.b.toFixed(4),
    (c.difference < 0 ? '' : '+') + c.difference.toFixed(4),
    c.p.toFixed(4),
    `${c.pHolm.toFixed(4)}${c.pHolm < 0.05 ? ' *' : ''}`,
    String(c.won.length),
    String(c.lost.length),
  ]);
  const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((text, i) => (i < 2 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ');
  return [
    `A: ${a.model}${galleryNote(a)}`,
    `B: ${b.model}${galleryNote(b)}`,
    `${a.dataset}${a.split === null ? '' : `, split ${a.split}`}, full gallery of ${a.gallery} photos; paired randomisation test, clustered by target; * p < 0.05 after Holm's correction.`,
    '',
    line(header),
    ...rows.map(line),
    '',
  ].join('\n');
}

const galleryNote = ({ galleryEncoder }: StoredReport): string =>
  galleryEncoder === 'tower' ? ' (symmetric: the gallery by the tuned tower)' : '';
