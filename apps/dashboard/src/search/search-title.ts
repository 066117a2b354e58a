import { partName } from './part-look';
import { isComplete, type Part } from './query';

/** What tabs, bookmarks and the history call a search: its parts in order. */
export function searchTitle(parts: readonly Part[]): string {
  const named = parts.filter(isComplete).map((part, place) => {
    const sign = part.negative ? '− ' : place > 0 ? '+ ' : '';
    return sign + partName(part);
  });
  return named.join(' ');
}
