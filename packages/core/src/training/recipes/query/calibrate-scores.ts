import type { ScoreCalibration } from '../../../models/embedding-model.js';

/** A style whose queries find nothing still counts for a little beside others, and no part is worth exactly nothing. */
const LEAST_SEPARATION = 0.1;

/** Mean and deviation of the cosine between queries and their negatives, and how many deviations above that
 *  mean their positives lie. Where queries of one photo are there, the separation is theirs: a query
 *  for a whole class is an easier and vaguer thing.
 *  @param queries unit rows `[n, width]`. @param gallery unit rows `[photos, width]`.
 *  @param targets positives of each query. */
export function calibrateScores(
  queries: readonly Float32Array[],
  gallery: Float32Array,
  targets: readonly (readonly number[])[],
): ScoreCalibration {
  const others = createSpread();
  for (const [index, query] of queries.entries()) {
    const positives = new Set(targets[index]);
    for (let photo = 0; photo * query.length < gallery.length; photo++) {
      if (!positives.has(photo)) others.add(cosineWith(query, gallery, photo));
    }
  }
  return others.calibration(meanOfPositives(queries, gallery, targets));
}

/** Share of a gallery that counts as the positives of a photo: those most like it. Their cosine is then about that of photos of one
 *  class, where classes are known (0.52 and 0.54 with the bundled model). */
const ALIKE = 0.05;

/** The same for photos of the gallery as queries. Who asks for more like a photo is not after that photo, so its
 *  positives are those next to it.
 *  @param gallery unit rows `[photos, width]`. @param most queries that are taken from it, evenly spread.
 *  @returns null for a gallery too small to tell any apart. */
export function calibratePhotos(gallery: Float32Array, width: number, most: number): ScoreCalibration | null {
  const photos = gallery.length / width;
  const alike = Math.max(1, Math.round(ALIKE * photos));
  if (photos < alike + 2) return null;
  const others = createSpread();
  let [queries, sum] = [0, 0];
  for (let photo = 0; photo < photos; photo += Math.ceil(photos / most)) {
    const query = gallery.subarray(photo * width, (photo + 1) * width);
    const cosines = Float64Array.from({ length: photos }, (_, other) => cosineWith(query, gallery, other));
    // The photo itself, then those next to it, then the others.
    cosines[photo] = Number.POSITIVE_INFINITY;
    cosines.sort().reverse();
    for (const cosine of cosines.subarray(1, 1 + alike)) sum += cosine / alike;
    for (const cosine of cosines.subarray(1 + alike)) others.add(cosine);
    queries += 1;
  }
  return others.calibration(sum / queries);
}

/** Mean and deviation in one pass without cancellation, by Welford's update. */
function createSpread() {
  let [count, mean, squares] = [0, 0, 0];
  return {
    add(cosine: number): void {
      count += 1;
      const before = cosine - mean;
      mean += before / count;
      squares += before * (cosine - mean);
    },
    /** @param positive mean cosine with the positives; null where there are none. */
    calibration(positive: number | null): ScoreCalibration {
      const deviation = Math.max(1e-6, Math.sqrt(squares / Math.max(1, count - 1)));
      if (positive === null) return { mean, deviation };
      return { mean, deviation, separation: Math.max(LEAST_SEPARATION, (positive - mean) / deviation) };
    },
  };
}

/** Mean cosine of queries with their positives, each query counted once; null where none has any here. */
function meanOfPositives(
  queries: readonly Float32Array[],
  gallery: Float32Array,
  targets: readonly (readonly number[])[],
): number | null {
  const pairs = queries.map((query, index) => ({ query, positives: targets[index] ?? [] }));
  const single = pairs.filter(({ positives }) => positives.length === 1);
  const counted = single.length > 0 ? single : pairs.filter(({ positives }) => positives.length > 0);
  if (counted.length === 0) return null;
  const sum = counted.reduce((total, { query, positives }) => {
    const cosines = positives.map((photo) => cosineWith(query, gallery, photo));
    return total + cosines.reduce((all, cosine) => all + cosine, 0) / positives.length;
  }, 0);
  return sum / counted.length;
}

function cosineWith(query: Float32Array, gallery: Float32Array, photo: number): number {
  const start = photo * query.length;
  let cosine = 0;
  for (let i = 0; i < query.length; i++) cosine += (query[i] as number) * (gallery[start + i] as number);
  return cosine;
}
