import { LEAST_RELEVANCE, type RelevanceScale, relevance, scoreAtRelevance } from '@freestyle/core';

/** Turns the scores of one search into relevance and back. Relevance is told in nats above chance: by chance alone the
 *  best of the photos searched reaches `r` with probability `1 − exp(−e^(−r))`, 5 % for 3 and 0.7 % for 5. */
export interface Floor {
  /** The relevance from which on hits are shown; null where every hit is. */
  readonly relevance: number | null;
  /** The same as a score. */
  readonly score: number | null;
  /** What the best hit must reach, or nothing is shown; null where that does not matter. */
  readonly match: { readonly relevance: number; readonly score: number } | null;
  /** Null for a model that does not know how its scores spread by chance. */
  relevanceOf(score: number): number | null;
}

const NO_SCALE: Floor = { relevance: null, score: null, match: null, relevanceOf: () => null };

/** @param scale of the live model on this gallery. @param kind of the parts that are wanted; null where none is.
 *  @param photos that are searched, about. @param wanted is what every hit must reach, in place of the model's own floor.
 *  @param showWeak shows everything. */
export function floorOf(
  scale: RelevanceScale | null,
  kind: string | null,
  photos: number,
  wanted: number | null,
  showWeak: boolean,
): Floor {
  if (scale === null || kind === null || scale.kinds[kind] === undefined) return NO_SCALE;
  const at = (least: number) => scoreAtRelevance(scale, kind, least, photos) ?? 0;
  const least = showWeak ? null : (wanted ?? Math.min(LEAST_RELEVANCE, scale.floor));
  const own = !showWeak && wanted === null && scale.floor > LEAST_RELEVANCE;
  return {
    relevance: least,
    score: least === null ? null : at(least),
    match: own ? { relevance: scale.floor, score: at(scale.floor) } : null,
    relevanceOf: (score) => relevance(scale, kind, score, photos),
  };
}
