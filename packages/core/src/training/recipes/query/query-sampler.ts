import type { Random } from '../../../random.js';
import type { PlannedQuery } from './query-cache.js';

/** Queries that share the places of one style: those that a dataset brought apart from those made of photos, so that
 *  a few human sketches are not lost among many made ones. */
const groupOf = (query: PlannedQuery): string => `${query.style}${query.maker === null ? '' : ' made'}`;

/** Places of a group in a round: what people drew is scarcer and harder to learn than what is made of photos. */
const placesOf = (query: PlannedQuery): number => (query.maker === null && query.style !== 'photo' ? 3 : 1);

/** Draws style-balanced batches: every style gets as many places, whatever its share of the data, and what a dataset
 *  brought three times as many as what was made. Within one each query comes once before any comes twice. */
export function createQuerySampler(queries: readonly PlannedQuery[], random: Random) {
  const byStyle = new Map<string, number[]>();
  const places = new Map<string, number>();
  queries.forEach((query, index) => {
    places.set(groupOf(query), placesOf(query));
    const members = byStyle.get(groupOf(query)) ?? [];
    members.push(index);
    byStyle.set(groupOf(query), members);
  });
  const styles = [...byStyle.keys()].sort();
  const round = styles.flatMap((style) => Array.from({ length: places.get(style) ?? 1 }, () => style));
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
      Array.from({ length: size }, () => draw(round[turn++ % round.length] ?? '')),
  };
}
