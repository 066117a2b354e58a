import { z } from 'zod';

/** Where the best scores of queries that have nothing right in the gallery lie, on the standardised scale: a Gumbel
 *  distribution, which the largest of many values tends to. */
const chanceSchema = z.object({ location: z.number(), scale: z.number().positive() });

/** `config.relevance` of a query tower's bundle: how far above chance a score is, for each kind of query. */
export const relevanceScaleSchema = z.object({
  /** Photos in the gallery on which chance was measured. */
  gallery: z.int().positive(),
  /** Relevance that a query's best hit must reach, or nothing matches it; chosen on validation. */
  floor: z.number(),
  /** Made-up words by which chance is measured anew for text on each gallery: scores of drawings or products lie
   *  elsewhere than those of the photos that `kinds.text` was measured on. Left out, `kinds.text` holds everywhere. */
  background: z.int().min(2).optional(),
  /** By kind of query: `text`, a style's name, `photo`, or `mixed` for several parts. */
  kinds: z.record(z.string(), chanceSchema),
});

export type Chance = z.infer<typeof chanceSchema>;
export type RelevanceScale = z.infer<typeof relevanceScaleSchema>;

/** Relevance that the hits of a query must reach when its best one is above the floor: one photo of a gallery comes up to
 *  it by chance. */
export const LEAST_RELEVANCE = 0;

/** Name of the kind of queries that have several parts. */
export const MIXED = 'mixed';

/** How far above chance a score is, in nats, on one scale for words, pictures and mixtures:
 *
 *      r = (z − location) / scale − ln(photos / gallery)
 *
 *  By chance alone the best of `photos` photos reaches r with probability `1 − exp(−e^(−r))`: 63 % for 0, 5 % for 3,
 *  0.7 % for 5.
 *  @param standardised z, see {@link standardise}. @param kind of the query.
 *  @param photos in the gallery that is searched; 0 counts as 1.
 *  @returns null for a kind whose chance was not measured. */
export function relevance(
  scale: RelevanceScale,
  kind: string,
  standardised: number,
  photos: number,
): number | null {
  const chance = scale.kinds[kind];
  if (!chance) return null;
  return (standardised - chance.location) / chance.scale - Math.log(Math.max(1, photos) / scale.gallery);
}

/** The inverse of {@link relevance}: the standardised score at which a hit reaches it. */
export function scoreAtRelevance(
  scale: RelevanceScale,
  kind: string,
  wanted: number,
  photos: number,
): number | null {
  const chance = scale.kinds[kind];
  if (!chance) return null;
  return chance.location + chance.scale * (wanted + Math.log(Math.max(1, photos) / scale.gallery));
}

/** A query's score on the standardised scale. One part: `(cos − mean) / deviation`. Several: the fused score over the
 *  deviation that it has when its parts err independently, `√Σ share²`.
 *  @param shares of the parts in the fused score, signed; they are not read for a single one. */
export function standardise(
  score: number,
  calibration: { readonly mean: number; readonly deviation: number },
  shares: readonly number[] = [],
): number {
  if (shares.length < 2) return (score - calibration.mean) / calibration.deviation;
  return score / Math.sqrt(shares.reduce((sum, share) => sum + share * share, 0));
}

/** Fits chance to the best scores of background queries by their moments: `scale = s·√6/π`, `location = mean − γ·scale`.
 *  @param best standardised best score of each query. @throws {RangeError} for fewer than two. */
export function fitChance(best: readonly number[]): Chance {
  if (best.length < 2) throw new RangeError('fitChance: expected the best scores of at least two queries');
  const mean = best.reduce((sum, one) => sum + one, 0) / best.length;
  const variance = best.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (best.length - 1);
  const scale = Math.max(1e-6, (Math.sqrt(variance) * Math.sqrt(6)) / Math.PI);
  return { location: mean - EULER_GAMMA * scale, scale };
}

/** The scale with chance for text as it is on one gallery.
 *  @param best standardised best score of each background query. @param photos among which the best was taken. */
export function relevanceOnGallery(
  scale: RelevanceScale,
  best: readonly number[],
  photos: number,
): RelevanceScale {
  const { location, scale: width } = fitChance(best);
  const { gallery, kinds } = scale;
  // The other kinds are told for the gallery they were measured on.
  const moved = Object.entries(kinds).map(([kind, chance]) => [
    kind,
    { ...chance, location: chance.location + chance.scale * Math.log(photos / gallery) },
  ]);
  return {
    ...scale,
    gallery: photos,
    kinds: { ...Object.fromEntries(moved), text: { location, scale: width } },
  };
}

/** The Euler–Mascheroni constant: mean of the standard Gumbel distribution. */
const EULER_GAMMA = 0.5772156649015329;
