import { partName } from './part-look';
import { type Part, partByReport } from './query';
import type { ScorePiece } from './score-bar';
import type { Hit, SearchPage } from './use-search-results';

/** A hit's contributions tied to the parts of the page; a part that has since been removed keeps its place. */
export function scorePieces(hit: Hit, parts: readonly Part[], reports: SearchPage['parts']): ScorePiece[] {
  return hit.contributions.map(({ part: index, kind, negative, value }, place) => {
    const part = partByReport(parts, reports, { index, negative });
    return {
      place: part ? parts.indexOf(part) : place,
      name: `${part ? partName(part) : `Part ${place + 1}`}${kind === 'WORDS' ? ', its words' : ''}`,
      value,
    };
  });
}

/** What fills a score bar, in deviations above photos that are not meant: the same for every search, so that bars of two
 *  searches can be compared. A photo that is meant and is called so reaches it. */
export const BAR_SCALE = 12;
