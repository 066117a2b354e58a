import type { Random } from '../random.js';
import { bootstrapIntervals } from './bootstrap.js';
import type { Figures, FusionGain, MixedEvaluation } from './evaluation-report.js';
import { metricColumn } from './figures.js';
import { holmCorrection, pairedRandomisationTest } from './paired-test.js';

type Part = MixedEvaluation['parts'][number];

/** hit@1 is what people look at; MRR still moves where it is at its ceiling, and mAP sees a whole class. */
const metricsOf = (level: Figures['level']): readonly string[] =>
  level === 'class' ? ['hit@1', 'mrr', 'map'] : ['hit@1', 'mrr'];

/** What fusing brings over the better part, by each metric. The p-values are not yet corrected. */
export function fusionGains(
  name: string,
  mixed: Figures,
  parts: readonly Part[],
  options: { readonly random: Random; readonly resamples: number | undefined },
): FusionGain[] {
  const { random, resamples } = options;
  const clusters = mixed.results.map(({ cluster }) => cluster);
  return metricsOf(mixed.level).flatMap((metric) => {
    const score = ({ figures }: Part) => figures.metrics[metric] ?? 0;
    const [first, ...others] = parts;
    if (first === undefined) return [];
    const better = others.reduce((best, part) => (score(part) > score(best) ? part : best), first);
    const fused = metricColumn(mixed.results, metric);
    const alone = metricColumn(better.figures.results, metric);
    const differences = fused.map((value, i) => value - (alone[i] ?? 0));
    const stream = random.fork(`${name} gain ${metric}`);
    const [interval] = bootstrapIntervals([differences], clusters, {
      random: stream,
      ...(resamples === undefined ? {} : { resamples }),
    });
    const { difference, p } = pairedRandomisationTest(alone, fused, clusters, { random: stream });
    return {
      metric,
      better: better.style,
      fused: mixed.metrics[metric] ?? 0,
      alone: score(better),
      difference,
      ci95: interval ?? [Number.NaN, Number.NaN],
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
