import type { Lexicon } from './words.js';

/** A lexicon over stems and their counts. Beginnings are found by halving a sorted list, typing errors by comparing with
 *  every stem of about the same length: some milliseconds for 50,000, and only where a word is not known. */
export function createLexicon(entries: readonly (readonly [string, number])[], photos: number): Lexicon {
  const counts = new Map(entries);
  const sorted = [...counts.keys()].sort();
  const byCount = (a: string, b: string) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0);
  return {
    photos,
    count: (stem) => counts.get(stem) ?? 0,
    beginning(prefix) {
      const found: string[] = [];
      for (let i = lowerBound(sorted, prefix); i < sorted.length && found.length < 50; i++) {
        const stem = sorted[i] ?? '';
        if (!stem.startsWith(prefix)) break;
        found.push(stem);
      }
      return found.sort(byCount);
    },
    like(stem) {
      // One error in a short word makes another word of it.
      const allowed = stem.length < 4 ? 0 : stem.length < 8 ? 1 : 2;
      if (allowed === 0) return [];
      const found = sorted.flatMap((other) => {
        if (Math.abs(other.length - stem.length) > allowed) return [];
        const distance = editDistance(stem, other, allowed);
        return distance <= allowed ? [{ other, distance }] : [];
      });
      return found
        .sort((a, b) => a.distance - b.distance || byCount(a.other, b.other))
        .map(({ other }) => other);
    },
  };
}

function lowerBound(sorted: readonly string[], wanted: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Letters to put in, leave out, change, or swap with their neighbour (Damerau's distance, each letter touched once);
 *  `most + 1` for anything farther. */
export function editDistance(a: string, b: string, most: number): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    if (Math.min(...row) > most) return most + 1;
    [before, last] = [last, row];
  }
  return Math.min(last[b.length] ?? most + 1, most + 1);
}
