import type { Random } from '../../random.js';
import type { PlannedQuery } from './query-cache.js';

/** Queries that share the places of one style: those that a dataset brought apart from those made of photos, so that
 *  a few human sketches are not lost among many made ones. */
const groupOf = (query: PlannedQuery): string => `${query.style}${query.maker === null ? '' : ' made'}`;

/** Draws style-balanced batches: every style, brought or made, gets as many places, whatever its share of the data.
 *  Within one each query comes once before any comes twice. */
export function createQuerySampler(queries: readonly PlannedQuery[], random: Random) {
  const byStyle = new Map<string, number[]>();
  queries.forEach((query, index) => {
    const members = byStyle.get(groupOf(query)) ?? [];
    members.push(index);
    byStyle.set(groupOf(query), members);
  });
  const styles = [...byStyle.keys()].sort();
  const decks = new Map<string, number[]>();
  let turn = 0;

  const draw = (style: string): number => {
    let deck = decks.get(style) ?? [];
    if (deck.length === 0) deck = random.shuffle([...(byStyle.get(style) ?? [])]);
    decks.set(style, deck);
    const index = deck.pop();
    if (index === undefined) throw new RangeError(`query sampler: no query of style "${style}"`);
    return index;
  };

  return {
    styles,
    batch: (size: number): number[] =>
      Array.from({ length: size }, () => draw(styles[turn++ % styles.length] ?? '')),
  };
}
