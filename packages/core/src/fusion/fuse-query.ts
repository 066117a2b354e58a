import { CoreError } from '../errors.js';
import type { ScoreCalibration } from '../models/embedding-model.js';

/** A composite query that cannot be fused: which part, what was expected, what came. */
export class FusionError extends CoreError {}

/** The least and the greatest weight of a part. */
export const WEIGHT_RANGE = { min: 0, max: 100 } as const;

/** One part of a composite query.
 *  `vector`: float32, in the gallery's space; scaled to unit length when it is not.
 *  `weight`: 0 to 100; its size says how much the part counts against the others.
 *  `negative`: true for "not like this": likeness to the part pushes a photo down.
 *  `calibration`: cosine of a query of this style with a photo that is not meant; mean 0 and deviation 1 when absent. */
export interface QueryPart {
  readonly vector: Float32Array;
  readonly weight: number;
  readonly negative: boolean;
  readonly calibration?: ScoreCalibration | undefined;
}

/** What one part brings to one photo's score: its plain cosine in [-1, 1], and the summand it makes of it. */
export interface PartContribution {
  readonly similarity: number;
  readonly value: number;
}

/** How one part enters the score. A positive part: `gain · (cosine − mean)`. A negative one: `−gain · max(0, cosine − mean)`,
 *  which is never above 0. `gain` is 0 for parts of weight 0. */
export interface ScoreTerm {
  readonly unit: Float32Array;
  readonly negative: boolean;
  readonly gain: number;
  readonly mean: number;
}

/** A composite query as a function of a photo's vector. What the positive parts say is one linear function,
 *  `dot(vector, photo) + offset`, so that a vector index can be asked by it; no score is above it, because negative parts
 *  only push down. `vector` is not of unit length in general: search by inner product, never by cosine. It is all zeros
 *  for a query of negatives alone.
 *  `contributions(photo)` has one entry for each part given, in order; the values add up to the score. */
export interface FusedQuery {
  readonly vector: Float32Array;
  readonly offset: number;
  readonly terms: readonly ScoreTerm[];
  contributions(photo: Float32Array): PartContribution[];
}

/** Folds the parts of a composite query into one score.
 *
 *  The unit of every score is the **deviation of the background**: how far a photo stands out from what photos that are not
 *  meant score, whatever the number and the kind of the parts. Positive parts are standardised and added,
 *
 *      score⁺ = Σ_i t_i · z_i / √(Σ_ij t_i t_j r_ij),   z_i = (cos_i − mean_i) / deviation_i,   t_i = weight_i · separation_i
 *
 *  with the fixed calibration of the part's style, and `r_ij = max(0, cos(part_i, part_j))` for how much two parts say the
 *  same. That is Stouffer's sum of standardised scores (1949), for parts that are not independent: one part scores its own
 *  `z`, the same part given twice scores what it scores once, and two that agree without being the same stand out more than
 *  either. The separation makes equal weights mean equal trust in the evidence: it is the weight of Fisher's linear
 *  discriminant, and without it a vague part (a rough sketch) drowns a sharp one (a thumbnail). Standardising over the
 *  gallery at hand would move scores whenever photos are added; constants measured once do not.
 *
 *  A negative part takes `t_j · max(0, z_j)` away, on the same scale: who resembles it no more than any photo does loses
 *  nothing, and nobody gains by not resembling it. With negatives alone no score is above 0.
 *
 *  @throws {FusionError} no parts, all weights 0, a weight outside 0 to 100, a vector that is not finite, a zero vector,
 *  vectors of different lengths, a deviation or separation that is not above 0. */
export function fuseQuery(parts: readonly QueryPart[]): FusedQuery {
  checkParts(parts);
  const terms = termsOf(parts);
  const dimensions = terms[0]?.unit.length ?? 0;
  return {
    ...foldPositives(terms, dimensions),
    terms,
    contributions: (photo) =>
      terms.map((term) => {
        const similarity = dotProduct(term.unit, photo, dimensions);
        return { similarity, value: termValue(term, similarity) };
      }),
  };
}

/** The summand of one part for a photo with this cosine. */
export function termValue({ gain, mean, negative }: ScoreTerm, similarity: number): number {
  if (gain === 0) return 0;
  // Not −gain · 0, which would be shown as "-0".
  if (negative) return similarity > mean ? -gain * (similarity - mean) : 0;
  return gain * (similarity - mean);
}

/** Score of one photo (float32, as long as the query's vector). @throws {FusionError} on another length. */
export function fusedScore(query: Pick<FusedQuery, 'contributions'>, photo: Float32Array): number {
  return query.contributions(photo).reduce((sum, { value }) => sum + value, 0);
}

function foldPositives(
  terms: readonly ScoreTerm[],
  dimensions: number,
): { vector: Float32Array; offset: number } {
  const sum = new Float64Array(dimensions);
  let offset = 0;
  for (const { unit, gain, mean, negative } of terms) {
    if (negative) continue;
    for (let d = 0; d < dimensions; d++) sum[d] = (sum[d] ?? 0) + gain * (unit[d] ?? 0);
    offset -= gain * mean;
  }
  return { vector: Float32Array.from(sum), offset };
}

function termsOf(parts: readonly QueryPart[]): ScoreTerm[] {
  // The largest weight is taken out first, so that tiny weights lose nothing to rounding.
  const largest = Math.max(...parts.map(({ weight }) => weight));
  const prepared = parts.map((part) => ({
    part,
    unit: toUnit(part.vector),
    trust: (part.weight / largest) * (part.calibration?.separation ?? 1),
  }));
  const positives = prepared.filter(({ part, trust }) => !part.negative && trust > 0);
  const scale = combinedDeviation(positives.length > 0 ? positives : prepared);
  return prepared.map(({ part, unit, trust }) => ({
    unit,
    negative: part.negative,
    gain: trust / scale / (part.calibration?.deviation ?? 1),
    mean: part.calibration?.mean ?? 0,
  }));
}

/** Deviation of the weighted sum of standardised parts over the background: √(Σ_ij t_i t_j r_ij). */
function combinedDeviation(parts: readonly { unit: Float32Array; trust: number }[]): number {
  let variance = 0;
  for (const [i, a] of parts.entries()) {
    for (const [j, b] of parts.entries()) {
      const alike = i === j ? 1 : Math.min(1, Math.max(0, dotProduct(a.unit, b.unit, a.unit.length)));
      variance += a.trust * b.trust * alike;
    }
  }
  return Math.sqrt(variance);
}

/** Vectors already of unit length (to float16 rounding) stay untouched, so that a single part keeps its exact bits. */
function toUnit(vector: Float32Array): Float32Array {
  const length = euclideanLength(vector);
  if (Math.abs(length - 1) < 1e-3) return vector.slice();
  return vector.map((value) => value / length);
}

function checkParts(parts: readonly QueryPart[]): void {
  if (parts.length === 0)
    throw new FusionError('QUERY_EMPTY', 'Query: expected at least one part, got none.');
  const dimensions = parts[0]?.vector.length ?? 0;
  for (const [index, part] of parts.entries()) checkPart(part, `Query part ${index + 1}`, dimensions);
  if (parts.every((part) => part.weight === 0)) {
    throw new FusionError(
      'QUERY_WEIGHTS_ZERO',
      'Query: every part has weight 0; give at least one part a weight above 0.',
    );
  }
}

function checkPart(part: QueryPart, where: string, dimensions: number): void {
  if (!(part.weight >= WEIGHT_RANGE.min && part.weight <= WEIGHT_RANGE.max)) {
    throw new FusionError(
      'QUERY_WEIGHT_INVALID',
      `${where}: expected a weight from ${WEIGHT_RANGE.min} to ${WEIGHT_RANGE.max}, got ${part.weight}.`,
    );
  }
  if (part.vector.length !== dimensions || dimensions === 0) {
    throw new FusionError(
      'QUERY_DIMENSION_MISMATCH',
      `${where}: vector has ${part.vector.length} values, expected ${dimensions || 'at least 1'}; all parts must be encoded by one model.`,
      { expected: dimensions, got: part.vector.length },
    );
  }
  const at = part.vector.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new FusionError(
      'QUERY_VECTOR_INVALID',
      `${where}: vector value ${at} is ${part.vector[at]}, expected a finite number.`,
    );
  }
  if (euclideanLength(part.vector) === 0) {
    throw new FusionError(
      'QUERY_VECTOR_INVALID',
      `${where}: vector has length 0, so it points nowhere; expected a unit vector.`,
    );
  }
  checkCalibration(part.calibration, where);
}

function checkCalibration(calibration: ScoreCalibration | undefined, where: string): void {
  if (calibration === undefined) return;
  const { mean, deviation, separation = 1 } = calibration;
  const positive = (value: number) => Number.isFinite(value) && value > 0;
  if (!Number.isFinite(mean) || !positive(deviation) || !positive(separation)) {
    throw new FusionError(
      'QUERY_CALIBRATION_INVALID',
      `${where}: calibration needs a finite mean and a deviation and separation above 0, got ${mean}, ${deviation} and ${separation}.`,
    );
  }
}

function euclideanLength(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

function dotProduct(a: Float32Array, b: Float32Array, dimensions: number): number {
  if (b.length !== dimensions) {
    throw new FusionError(
      'QUERY_DIMENSION_MISMATCH',
      `Photo vector has ${b.length} values, the query has ${dimensions}; both must come from one embedding space.`,
      { expected: dimensions, got: b.length },
    );
  }
  let sum = 0;
  for (let d = 0; d < dimensions; d++) sum += (a[d] ?? 0) * (b[d] ?? 0);
  return sum;
}
