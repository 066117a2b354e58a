import { type EmbeddingModel, madeUpWords, type RelevanceScale, relevanceOnGallery } from '@freestyle/core';
import type { LiveModel } from '../../model/service.js';
import type { SearchRepository } from '../find/repository.js';

/** What chance alone brings in a gallery: there made-up words are asked of a sample of it. Kept until the gallery has
 *  grown or shrunk by a quarter. */
export interface GalleryChance {
  /** @param photos in the gallery, about. @returns null for a model that does not know how its scores spread. */
  scaleOf(live: Pick<LiveModel, 'model' | 'spaceId'>, photos: number): Promise<RelevanceScale | null>;
}

/** The best of more than this follows from the best of this many. */
const SAMPLE = 1000;
/** By how much a gallery may have changed before it is measured again. */
const CHANGE = 1.25;

interface Measured {
  readonly photos: number;
  readonly scale: Promise<RelevanceScale>;
}

export function createGalleryChance(repository: Pick<SearchRepository, 'sample'>): GalleryChance {
  const words = new WeakMap<EmbeddingModel, Promise<Float32Array[]>>();
  const known = new WeakMap<EmbeddingModel, Measured>();

  const background = (model: EmbeddingModel, count: number): Promise<Float32Array[]> => {
    const vectors = words.get(model) ?? model.encodeTexts(madeUpWords(count));
    words.set(model, vectors);
    vectors.catch(() => words.delete(model));
    return vectors;
  };

  const measure = async (
    { model, spaceId }: Pick<LiveModel, 'model' | 'spaceId'>,
    own: RelevanceScale,
    photos: number,
  ) => {
    const [queries, sample] = await Promise.all([
      background(model, own.background ?? 0),
      repository.sample(spaceId, Math.max(1, Math.floor(photos / SAMPLE)), SAMPLE),
    ]);
    if (sample.length === 0) return own;
    const { mean, deviation } = model.calibration.text ?? { mean: 0, deviation: 1 };
    const best = queries.map((query) => (bestCosine(asMeant(query, sample), sample) - mean) / deviation);
    return relevanceOnGallery(own, best, sample.length);
  };

  return {
    async scaleOf(live, photos) {
      const own = live.model.relevance ?? null;
      if (own?.background === undefined || photos === 0) return own;
      const before = known.get(live.model);
      const isNear =
        before !== undefined && photos < before.photos * CHANGE && photos * CHANGE > before.photos;
      if (isNear) return before.scale;
      const scale = measure(live, own, photos);
      // What was known answers until the gallery is measured again.
      known.set(live.model, { photos, scale: before ? scale.catch(() => before.scale) : scale });
      scale.catch(() => known.delete(live.model));
      return before ? before.scale : scale;
    },
  };
}

/** A made-up word as if it meant something: a model may know that it does not and say so in a number that no photo has,
 *  which makes all its cosines small. What that number leaves is at unit length again. */
function asMeant(query: Float32Array, sample: readonly Float32Array[]): Float32Array {
  const shared = query.map((value, d) => (sample.some((vector) => vector[d] !== 0) ? value : 0));
  const norm = Math.hypot(...shared);
  return norm === 0 ? query : shared.map((value) => value / norm);
}

function bestCosine(query: Float32Array, sample: readonly Float32Array[]): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const vector of sample) {
    let cosine = 0;
    for (let d = 0; d < query.length; d++) cosine += (query[d] ?? 0) * (vector[d] ?? 0);
    best = Math.max(best, cosine);
  }
  return best;
}
