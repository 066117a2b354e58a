import { type EmbeddingModel, type RelevanceScale, relevance, scoreAtRelevance } from '@freestyle/core';

/** Turns the scores of one search into relevance and back. Relevance is told in nats above chance: by chance alone the
 *  best of the photos searched reaches `r` with probability `1 − exp(−e^(−r))`, 5 % for 3 and 0.7 % for 5. */
export interface Floor {
  /** The relevance from which on hits are shown; null where every hit is. */
  readonly relevance: number | null;
  /** The same as a score. */
  readonly score: number | null;
  /** Null for a model that does not know how its scores spread by chance. */
  relevanceOf(score: number): number | null;
}

const NO_SCALE: Floor = { relevance: null, score: null, relevanceOf: () => null };

/** @param kind of the parts that are wanted; null where none is. @param photos that are searched, about.
 *  @param wanted replaces the model's own floor. */
export function floorOf(
  model: Pick<EmbeddingModel, 'relevance'>,
  kind: string | null,
  photos: number,
  wanted: number | null,
  showWeak: boolean,
): Floor {
  const scale: RelevanceScale | null = model.relevance ?? null;
  if (scale === null || kind === null || scale.kinds[kind] === undefined) return NO_SCALE;
  const least = showWeak ? null : (wanted ?? scale.floor);
  return {
    relevance: least,
    score: least === null ? null : scoreAtRelevance(scale, kind, least, photos),
    relevanceOf: (score) => relevance(scale, kind, score, photos),
  };
}
