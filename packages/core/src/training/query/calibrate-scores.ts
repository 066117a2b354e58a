import type { ScoreCalibration } from '../../models/embedding-model.js';

/** A style whose queries find nothing still counts for a little beside others, and no part is worth exactly nothing. */
const LEAST_SEPARATION = 0.1;

/** Mean and deviation of the cosine between queries and photos that are not meant, and how many deviations above that
 *  mean the photos that are meant lie. Where queries that mean one photo are there, the separation is theirs: a query
 *  for a whole class is an easier and vaguer thing.
 *  @param queries unit rows `[n, width]`. @param gallery unit rows `[photos, width]`.
 *  @param targets photos meant by each query. */
export function calibrateScores(
  queries: readonly Float32Array[],
  gallery: Float32Array,
  targets: readonly (readonly number[])[],
): ScoreCalibration {
  let count = 0;
  let mean = 0;
  let spread = 0;
  for (const [index, query] of queries.entries()) {
    const meant = new Set(targets[index]);
    for (let photo = 0; photo * query.length < gallery.length; photo++) {
      if (meant.has(photo)) continue;
      const cosine = cosineWith(query, gallery, photo);
      // Welford's update: one pass, no cancellation.
      count += 1;
      const before = cosine - mean;
      mean += before / count;
      spread += before * (cosine - mean);
    }
  }
  const deviation = Math.max(1e-6, Math.sqrt(spread / Math.max(1, count - 1)));
  const meant = meanWithMeant(queries, gallery, targets);
  if (meant === null) return { mean, deviation };
  return { mean, deviation, separation: Math.max(LEAST_SEPARATION, (meant - mean) / deviation) };
}

/** Mean cosine of queries with what they mean, each query counted once; null where none means anything here. */
function meanWithMeant(
  queries: readonly Float32Array[],
  gallery: Float32Array,
  targets: readonly (readonly number[])[],
): number | null {
  const pairs = queries.map((query, index) => ({ query, meant: targets[index] ?? [] }));
  const single = pairs.filter(({ meant }) => meant.length === 1);
  const counted = single.length > 0 ? single : pairs.filter(({ meant }) => meant.length > 0);
  if (counted.length === 0) return null;
  const sum = counted.reduce((total, { query, meant }) => {
    const cosines = meant.map((photo) => cosineWith(query, gallery, photo));
    return total + cosines.reduce((all, cosine) => all + cosine, 0) / meant.length;
  }, 0);
  return sum / counted.length;
}

function cosineWith(query: Float32Array, gallery: Float32Array, photo: number): number {
  const start = photo * query.length;
  let cosine = 0;
  for (let i = 0; i < query.length; i++) cosine += (query[i] as number) * (gallery[start + i] as number);
  return cosine;
}
