import { CoreError } from '../errors.js';
import type { ScoreCalibration } from '../models/embedding-model.js';

/** A composite query that cannot be fused: which part, what was expected, what came. */
export class FusionError extends CoreError {}

/** One part of a composite query.
 *  `vector`: float32, in the gallery's space; scaled to unit length when it is not.
 *  `weight`: finite; its size says how much the part counts against the others.
 *  `negative`: true for "not like this": the part is subtracted.
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

/** A composite query folded into one linear function of a photo's vector: `score(photo) = dot(vector, photo) + offset`.
 *  `vector` is not of unit length in general: search it by inner product, never by cosine.
 *  `contributions(photo)` has one entry for each part given, in order; the values add up to the score
 *  (to within float32 rounding of `vector`, about 1e-6 of its length). */
export interface FusedQuery {
  readonly vector: Float32Array;
  readonly offset: number;
  /** Signed shares of the parts that count, see {@link fuseQuery}; `[1]` for a single one. */
  readonly shares: readonly number[];
  contributions(photo: Float32Array): PartContribution[];
}

interface PreparedPart {
  readonly unit: Float32Array;
  /** Signed share of the total weight. */
  readonly share: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Folds the parts of a composite query into one vector and one offset.
 *
 *  One positive part (whatever its positive weight; parts of weight 0 do not count) keeps its own vector and offset 0,
 *  so the score is its cosine and the ranking is its own, bit for bit. Several parts: each cosine is standardised and the
 *  results are added,
 *
 *      score = Σ_i share_i · (cos_i − mean_i) / deviation_i,   share_i = ±weight_i·separation_i / Σ_j |weight_j|·separation_j
 *
 *  with the fixed calibration of the part's style. The separation makes equal weights mean equal trust in the evidence: it
 *  is the weight of Fisher's linear discriminant for parts that err independently, and without it a vague part (a rough
 *  sketch) drowns a sharp one (a thumbnail). Standardising over the gallery at hand (the usual z-score fusion,
 *  Shaw and Fox 1994 and after) would move scores whenever photos are added; constants measured once do not.
 *  Mean and deviation are linear in the cosine, so the whole query is still one inner product and one index scan.
 *
 *  @throws {FusionError} no parts, no positive part, all weights 0, a weight or vector that is not finite, a zero vector,
 *  vectors of different lengths, a deviation or separation that is not above 0. */
export function fuseQuery(parts: readonly QueryPart[]): FusedQuery {
  checkParts(parts);
  const prepared = prepareParts(parts);
  const active = prepared.filter((part) => part.share !== 0);
  const only = active.length === 1 ? active[0] : undefined;
  const dimensions = prepared[0]?.unit.length ?? 0;
  if (only !== undefined) {
    return {
      vector: only.unit,
      offset: 0,
      shares: [1],
      contributions: (photo) =>
        prepared.map((part) => {
          const similarity = dotProduct(part.unit, photo, dimensions);
          return { similarity, value: part === only ? similarity : 0 };
        }),
    };
  }
  return {
    ...foldParts(active, dimensions),
    shares: active.map(({ share }) => share),
    contributions: (photo) =>
      prepared.map((part) => {
        const similarity = dotProduct(part.unit, photo, dimensions);
        return {
          similarity,
          value: part.share === 0 ? 0 : (part.share * (similarity - part.mean)) / part.deviation,
        };
      }),
  };
}

/** Score of one photo (float32, as long as the query's vector) under a fused query. @throws {FusionError} on another length. */
export function fusedScore(query: Pick<FusedQuery, 'vector' | 'offset'>, photo: Float32Array): number {
  return dotProduct(query.vector, photo, query.vector.length) + query.offset;
}

function foldParts(
  parts: readonly PreparedPart[],
  dimensions: number,
): { vector: Float32Array; offset: number } {
  const sum = new Float64Array(dimensions);
  let offset = 0;
  for (const { unit, share, mean, deviation } of parts) {
    const scale = share / deviation;
    for (let d = 0; d < dimensions; d++) sum[d] = (sum[d] ?? 0) + scale * (unit[d] ?? 0);
    offset -= scale * mean;
  }
  return { vector: Float32Array.from(sum), offset };
}

function signedWeight(part: QueryPart): number {
  return part.negative ? -Math.abs(part.weight) : part.weight;
}

function prepareParts(parts: readonly QueryPart[]): PreparedPart[] {
  // The largest weight is taken out first: the sum of weights near the float limit would be infinite.
  const largest = Math.max(...parts.map((part) => Math.abs(part.weight)));
  const trust = parts.map((part) => (signedWeight(part) / largest) * (part.calibration?.separation ?? 1));
  const total = trust.reduce((sum, one) => sum + Math.abs(one), 0);
  return parts.map((part, i) => ({
    unit: toUnit(part.vector),
    share: (trust[i] ?? 0) / total,
    mean: part.calibration?.mean ?? 0,
    deviation: part.calibration?.deviation ?? 1,
  }));
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
  if (!parts.some((part) => signedWeight(part) > 0)) {
    throw new FusionError(
      'QUERY_NOT_POSITIVE',
      'Query: every part is negative; add at least one part that says what is wanted, with a weight above 0.',
    );
  }
}

function checkPart(part: QueryPart, where: string, dimensions: number): void {
  if (!Number.isFinite(part.weight)) {
    throw new FusionError(
      'QUERY_WEIGHT_INVALID',
      `${where}: weight must be a finite number, got ${part.weight}.`,
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
