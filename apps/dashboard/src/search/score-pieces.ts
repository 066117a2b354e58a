import { partName } from './part-look';
import { type Part, partByReport } from './query';
import type { ScorePiece } from './score-bar';
import type { Hit, SearchPage } from './use-search-results';

/** A hit's contributions tied to the parts of the page; a part that has since been removed keeps its place. */
export function scorePieces(hit: Hit, parts: readonly Part[], reports: SearchPage['parts']): ScorePiece[] {
  return hit.contributions.map(({ part: index, negative, value }, place) => {
    const part = partByReport(parts, reports, { index, negative });
    return {
      place: part ? parts.indexOf(part) : place,
      name: part ? partName(part) : `Part ${place + 1}`,
      value,
    };
  });
}

/** What fills a score bar: the strongest pull on the page, so that bars can be compared with each other. */
export function barScale(hits: readonly Hit[]): number {
  const pulls = hits.map(({ contributions }) =>
    contributions.reduce((sum, { value }) => sum + Math.max(0, value), 0),
  );
  // A page whose hits all score nothing still needs a width to divide by.
  return Math.max(1e-6, ...pulls);
}
