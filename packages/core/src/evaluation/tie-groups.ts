/** Level of the corrected tests. */
export const ALPHA = 0.05;

/** A question that two runs were compared on. */
export interface ToldPair {
  readonly a: string;
  readonly b: string;
  readonly valueA: number;
  readonly valueB: number;
  /** Holm-adjusted; null where nothing differs. */
  readonly pHolm: number | null;
}

/** Whether two runs are told apart on a question. */
export const isTold = ({ pHolm }: Pick<ToldPair, 'pHolm'>): boolean => pHolm !== null && pHolm < ALPHA;

/** Runs by what can be told of them: the best by value opens a group, and everyone that cannot be told apart from it
 *  joins; of the others the best opens the next. No rank stands on a difference that was not found.
 *  @param pairs every pair of runs on one question. */
export function tieGroups(pairs: readonly ToldPair[], names: readonly string[]): string[][] {
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
