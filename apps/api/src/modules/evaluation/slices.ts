import { type Estimate, meanEstimate } from '@freestyle/core';
import { followsFromFirstRank, metricByName } from '@freestyle/core/evaluation';
import { ValidationError } from '../../platform/errors.js';
import type { StoredResult } from './stored.js';

/** One part of a section's queries, with one metric. */
export interface Slice extends Estimate {
  readonly name: string;
  readonly queries: number;
}

/** What a section's queries can be told apart by. */
export const SLICE_BY = ['CLUSTER', 'CLASS', 'SPLIT', 'MAKERS'] as const;
export type SliceBy = (typeof SLICE_BY)[number];

const NAME_OF: Readonly<Record<SliceBy, (result: StoredResult) => string | null | undefined>> = {
  CLUSTER: ({ styleCluster }) => styleCluster,
  CLASS: ({ className }) => className,
  SPLIT: ({ slices }) => slices.split,
  MAKERS: ({ slices }) => slices.maker ?? slices.makers,
};

/** Figures of each part, worst first; queries that the question does not apply to are in none.
 *  @throws {ValidationError} for a metric that these results do not hold. */
export function sliceResults(results: readonly StoredResult[], by: SliceBy, metric: string): Slice[] {
  const groups = new Map<string, StoredResult[]>();
  for (const result of results) {
    const name = NAME_OF[by](result);
    if (name === null || name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [result]);
    else group.push(result);
  }
  return [...groups]
    .map(([name, group]) => ({
      name,
      queries: group.length,
      ...meanEstimate(
        group.map((result) => metricOf(result, metric)),
        group.map(({ cluster }) => cluster),
        group.map(({ weight }) => weight),
      ),
    }))
    .sort((a, b) => a.value - b.value);
}

/** One metric of one query. */
export function metricOf({ firstRank, values }: StoredResult, metric: string): number {
  if (followsFromFirstRank(metric)) return metricByName(metric).compute([firstRank]);
  const value = values[metric];
  if (value !== undefined) return value;
  throw ValidationError.at(['metric'], `these queries have no ${metric}`);
}
