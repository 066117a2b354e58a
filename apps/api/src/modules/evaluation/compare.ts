import {
  type Comparison,
  compareRuns,
  comparisonSentence,
  MEAN,
  type RunsComparison,
  type StoredReport,
} from '@freestyle/core/evaluation';
import { ConflictError } from '../../platform/errors.js';
import type { Evaluation } from './repository.js';
import type { KeptReport, StoredResult } from './stored.js';

/** A comparison with its words. */
export interface EvaluationComparison extends RunsComparison {
  readonly metric: string;
  /** One for each pair of runs. */
  readonly sentences: readonly string[];
}

/** What is compared: an evaluation, its report and all of its results. */
export interface ComparedEvaluation {
  readonly evaluation: Evaluation;
  readonly report: KeptReport;
  readonly results: readonly StoredResult[];
}

/** Compares finished evaluations pair by pair, by the same functions as `freestyle compare`.
 *  @throws {ConflictError} where they cannot be compared, with the reason. */
export function compareEvaluations(
  evaluations: readonly ComparedEvaluation[],
  metric: string,
  options: { readonly seed?: number; readonly permutations?: number } = {},
): EvaluationComparison {
  const names = distinctNames(evaluations.map(({ evaluation }) => evaluation.name));
  const runs = evaluations.map((one, i) => ({ name: names[i] ?? '', reports: [storedReport(one)] }));
  const compared = attempt(() => compareRuns(runs, { metrics: [metric], ...options }));
  const pairs = [...new Set(compared.comparisons.map(pairOf))];
  return {
    ...compared,
    metric,
    sentences: pairs.map((pair) =>
      comparisonSentence(compared.comparisons.filter((one) => pairOf(one) === pair && one.section !== MEAN)),
    ),
  };
}

const pairOf = ({ a, b }: Comparison): string => JSON.stringify([a, b]);

/** Two evaluations may be called the same; in a comparison they are told apart. */
function distinctNames(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

function attempt<T>(compare: () => T): T {
  try {
    return compare();
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new ConflictError(error.message);
    throw error;
  }
}

/** The report as a comparison reads it, put together from its rows. */
function storedReport({ evaluation, report, results }: ComparedEvaluation): StoredReport {
  const sections = new Map<string, StoredResult[]>();
  for (const result of results)
    sections.set(result.section, [...(sections.get(result.section) ?? []), result]);
  return {
    model: report.model,
    queryHash: report.queryHash,
    queryEncoder: report.queryEncoder,
    galleryEncoder: report.galleryEncoder,
    dataset: report.dataset,
    split: report.split,
    datasetVersion: { name: evaluation.datasetName, hash: evaluation.versionHash },
    protocol: report.protocol,
    gallery: report.gallery,
    perQuery: Object.fromEntries([...sections].map(([name, rows]) => [name, sectionOf(rows)])),
  };
}

function sectionOf(rows: readonly StoredResult[]): StoredReport['perQuery'][string] {
  const metrics = Object.keys(rows[0]?.values ?? {});
  return {
    level: rows[0]?.level ?? 'instance',
    ids: rows.map(({ key }) => key),
    keys: rows.map(({ key }) => key),
    clusters: rows.map(({ cluster }) => cluster),
    weights: rows.map(({ weight }) => weight),
    firstRank: rows.map(({ firstRank }) => firstRank),
    ...Object.fromEntries(metrics.map((name) => [name, rows.map(({ values }) => values[name] ?? 0)])),
  };
}
