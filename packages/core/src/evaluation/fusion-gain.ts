import { createRandom } from '../random.js';
import { differenceEstimate } from './estimates.js';
import type { Figures, FusionGain, MixedEvaluation } from './evaluation-report.js';
import { metricColumn } from './figures.js';
import { holmCorrection, pairedRandomisationTest } from './paired-test.js';

type Part = MixedEvaluation['parts'][number];

/** hit@1 is what people look at; MRR still moves where it is at its ceiling, and mAP sees a whole class. */
const metricsOf = (level: Figures['level']): readonly string[] =>
  level === 'class' ? ['hit@1', 'mrr', 'map'] : ['hit@1', 'mrr'];

/** What fusing brings over the better part, by each metric. The p-values are not yet corrected. */
export function fusionGains(mixed: Figures, parts: readonly Part[]): FusionGain[] {
  const order = [...mixed.results.keys()].sort((a, b) =>
    (mixed.results[a]?.key ?? '') < (mixed.results[b]?.key ?? '') ? -1 : 1,
  );
  const sorted = ({ results }: Figures) => order.flatMap((row) => results[row] ?? []);
  const fusedResults = sorted(mixed);
  const clusters = fusedResults.map(({ cluster }) => cluster);
  const weights = fusedResults.map(({ weight }) => weight);
  return metricsOf(mixed.level).flatMap((metric) => {
    const score = ({ figures }: Part) => figures.metrics[metric] ?? 0;
    const [first, ...others] = parts;
    if (first === undefined) return [];
    const better = others.reduce((best, part) => (score(part) > score(best) ? part : best), first);
    const fused = metricColumn(fusedResults, metric);
    const alone = metricColumn(sorted(better.figures), metric);
    const { value, ci95 } = differenceEstimate(alone, fused, clusters, weights);
    const { p } = pairedRandomisationTest(alone, fused, clusters, {
      random: createRandom(`gain ${metric}`),
      weights,
    });
    return {
      metric,
      better: better.style,
      fused: mixed.metrics[metric] ?? 0,
      alone: score(better),
      difference: value,
      ci95,
      p,
      pHolm: p,
    };
  });
}

/** Holm's correction over every pair and metric of a report. */
export function correctGains(evaluated: readonly MixedEvaluation[]): MixedEvaluation[] {
  const adjusted = holmCorrection(evaluated.flatMap(({ gains }) => gains.map(({ p }) => p)));
  let at = 0;
  return evaluated.map((mixed) => ({
    ...mixed,
    gains: mixed.gains.map((gain) => ({ ...gain, pHolm: adjusted[at++] ?? 1 })),
  }));
}
