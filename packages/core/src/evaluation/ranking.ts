import { EvaluationError } from './embedding-matrix.js';

/** Where the relevant photos of one query came. `ranks`: 1-based, ascending, one for each relevant photo.
 *  `tied`: a photo that is not relevant has exactly the score of one that is, so the tie rule decided a rank. */
export interface RelevantRanks {
  readonly ranks: Int32Array;
  readonly tied: boolean;
}

/** One place of a ranked list. */
export interface RankedPhoto {
  readonly index: number;
  readonly score: number;
}

/** Ranks of the relevant photos in the full gallery, ties decided against the query (pessimistic): a photo that is not
 *  relevant and scores the same comes first. An encoder that gives every photo one score thus earns the last places and
 *  never a hit by the order of the files; duplicates of the target under another name cost a place, and `tied` says so.
 *  Cost: gallery · log(relevant), without sorting the gallery.
 *  @param scores one for each gallery photo, higher is better, finite.
 *  @param relevant distinct gallery indices, at least one.
 *  @param ignored a photo that is not ranked at all.
 *  @throws {EvaluationError} no relevant photo, an index outside the gallery or given twice. */
export function rankRelevant(
  scores: Float64Array,
  relevant: ArrayLike<number>,
  ignored?: number,
): RelevantRanks {
  const count = relevant.length;
  const isRelevant = new Uint8Array(scores.length);
  const wanted = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const index = relevant[i] ?? -1;
    const score = scores[index];
    if (score === undefined || isRelevant[index] === 1) {
      throw new EvaluationError(
        'EVALUATION_RELEVANT_INVALID',
        `Relevant photos must be distinct gallery indices below ${scores.length}, got ${index}.`,
      );
    }
    isRelevant[index] = 1;
    wanted[i] = -score;
  }
  if (count === 0) {
    throw new EvaluationError('EVALUATION_NO_RELEVANT', 'A query without a relevant photo cannot be ranked.');
  }
  // Negated, so that the native ascending sort puts the best first.
  wanted.sort();
  const passedOver = isRelevant;
  if (ignored !== undefined) passedOver[ignored] = 1;
  return countAhead(scores, passedOver, wanted);
}

function countAhead(scores: Float64Array, passedOver: Uint8Array, wanted: Float64Array): RelevantRanks {
  const ahead = new Int32Array(wanted.length);
  let tied = false;
  for (let index = 0; index < scores.length; index++) {
    if (passedOver[index] === 1) continue;
    const first = firstAtLeast(wanted, -(scores[index] as number));
    if (first === wanted.length) continue;
    ahead[first] = (ahead[first] ?? 0) + 1;
    if (wanted[first] === -(scores[index] as number)) tied = true;
  }
  let others = 0;
  const ranks = ahead.map((added, place) => {
    others += added;
    return others + place + 1;
  });
  return { ranks, tied };
}

/** First place in an ascending array that holds `value` or more; its length when none does. */
function firstAtLeast(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The best `k` photos (fewer in a smaller gallery), best first; photos of one score in gallery order. `k < 1`: none.
 *  @param ignored a photo that is not listed. */
export function topPhotos(scores: Float64Array, k: number, ignored?: number): RankedPhoto[] {
  const best: RankedPhoto[] = [];
  if (k < 1) return best;
  for (let index = 0; index < scores.length; index++) {
    if (index === ignored) continue;
    const score = scores[index] as number;
    const last = best[best.length - 1];
    if (best.length >= k && last !== undefined && score <= last.score) continue;
    let at = best.length;
    while (at > 0 && score > (best[at - 1]?.score ?? Number.POSITIVE_INFINITY)) at--;
    best.splice(at, 0, { index, score });
    if (best.length > k) best.pop();
  }
  return best;
}

/** Every photo in the order in which ranks are counted: by score, and of one score those that are not relevant first.
 *  @param depth places kept. @returns gallery rows. */
export function fullRanking(
  scores: Float64Array,
  relevant: readonly number[],
  options: { readonly depth: number; readonly ignored?: number | undefined },
): Int32Array {
  const isRelevant = new Uint8Array(scores.length);
  for (const row of relevant) isRelevant[row] = 1;
  const rows = Int32Array.from(scores.keys()).filter((row) => row !== options.ignored);
  rows.sort(
    (a, b) =>
      (scores[b] as number) - (scores[a] as number) ||
      (isRelevant[a] as number) - (isRelevant[b] as number) ||
      a - b,
  );
  return rows.subarray(0, options.depth);
}
