import type { StyleReport } from '../models/embedding-model.js';
import type { ClusterEvaluation, QueryResult, StyleEvaluation } from './evaluation-report.js';
import type { EvaluationLevel } from './evaluation-set.js';
import { summarise } from './figures.js';

/** Name under which queries outside every known style are reported. */
export const OUTSIDE_STYLES = 'outside every known style';

/** Figures by the cluster that weighs most in each query, instance and class level apart; queries that have both levels
 *  are in both. Queries that no style path saw are in none. */
export function evaluateClusters(
  styles: readonly StyleEvaluation[],
  more: readonly string[] = [],
): ClusterEvaluation[] {
  const groups = new Map<string, { level: EvaluationLevel; results: QueryResult[] }>();
  for (const { level, results } of styles.flatMap(({ figures, byClass }) => [
    figures,
    ...(byClass ? [byClass] : []),
  ])) {
    for (const result of results) {
      if (result.seen === null) continue;
      const cluster = dominantStyle(result.seen);
      const key = level === 'instance' ? cluster : `${cluster} (class)`;
      const group = groups.get(key) ?? { level, results: [] };
      group.results.push(result);
      groups.set(key, group);
    }
  }
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([cluster, { level, results }]) => ({
      cluster,
      figures: summarise(results, level, 0, { what: `Cluster ${cluster}`, more }),
    }));
}

/** The cluster that weighs most in a query picture. */
export function dominantStyle({ known, weights }: StyleReport): string {
  if (!known) return OUTSIDE_STYLES;
  return weights.reduce((best, next) => (next.weight > best.weight ? next : best)).style;
}
