import type { StyleReport } from '../models/embedding-model.js';
import type { ClusterEvaluation, QueryResult, StyleEvaluation } from './evaluation-report.js';
import type { EvaluationLevel } from './evaluation-set.js';
import { summarise } from './figures.js';
import type { StyleContext } from './style-context.js';

/** Name under which queries outside every known style are reported. */
export const OUTSIDE_STYLES = 'outside every known style';

/** Figures by the cluster that weighs most in each query, instance and class level apart. Queries that no style path
 *  saw are in none. */
export function evaluateClusters(
  styles: readonly StyleEvaluation[],
  { random, resamples }: StyleContext,
): ClusterEvaluation[] {
  const groups = new Map<string, { cluster: string; level: EvaluationLevel; results: QueryResult[] }>();
  for (const { figures } of styles) {
    for (const result of figures.results) {
      if (result.seen === null) continue;
      const cluster = dominantStyle(result.seen);
      const key = figures.level === 'instance' ? cluster : `${cluster} (class)`;
      const group = groups.get(key) ?? { cluster: key, level: figures.level, results: [] };
      group.results.push(result);
      groups.set(key, group);
    }
  }
  return [...groups.values()]
    .sort((a, b) => a.cluster.localeCompare(b.cluster))
    .map(({ cluster, level, results }) => ({
      cluster,
      figures: summarise(results, level, 0, {
        random: random.fork(`cluster ${cluster}`),
        resamples,
        what: `Cluster ${cluster}`,
      }),
    }));
}

function dominantStyle({ known, weights }: StyleReport): string {
  if (!known) return OUTSIDE_STYLES;
  return weights.reduce((best, next) => (next.weight > best.weight ? next : best)).style;
}
