import type { Comparison } from './compare-runs.js';

/** Level of the corrected tests. */
export const ALPHA = 0.05;

/** Whether two runs are told apart on a question. */
export const isTold = ({ pHolm }: Pick<Comparison, 'pHolm'>): boolean => pHolm !== null && pHolm < ALPHA;

/** Runs by what can be told of them: the best by value opens a group, and everyone that cannot be told apart from it
 *  joins; of the others the best opens the next. No rank stands on a difference that was not found.
 *  @param pairs every pair of runs on one question. */
export function tieGroups(pairs: readonly Comparison[], names: readonly string[]): string[][] {
  const values = new Map<string, number>();
  for (const { a, b, valueA, valueB } of pairs) values.set(a, valueA).set(b, valueB);
  const told = new Set(pairs.filter(isTold).map(({ a, b }) => JSON.stringify([a, b].sort())));
  let left = names
    .filter((name) => values.has(name))
    .sort((x, y) => (values.get(y) ?? 0) - (values.get(x) ?? 0));
  const groups: string[][] = [];
  while (left.length > 0) {
    const [best = ''] = left;
    const group = left.filter((name) => name === best || !told.has(JSON.stringify([best, name].sort())));
    groups.push(group);
    left = left.filter((name) => !group.includes(name));
  }
  return groups;
}
