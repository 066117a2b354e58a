import { CoreError } from '../errors.js';

/** Bad input to an evaluation: what, what was expected, what came. */
export class EvaluationError extends CoreError {}

/** Vectors as rows of one block of memory: float32, row-major, `data.length === rows · dimensions`. */
export interface EmbeddingMatrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dimensions: number;
}

/** Copies vectors into one matrix.
 *  @param what names them in errors, e.g. `gallery`.
 *  @throws {EvaluationError} no vectors, different lengths, a value that is not finite. */
export function stackVectors(vectors: readonly Float32Array[], what: string): EmbeddingMatrix {
  const dimensions = vectors[0]?.length ?? 0;
  if (dimensions === 0) {
    throw new EvaluationError('EVALUATION_EMPTY', `${what}: expected at least one vector, got none.`);
  }
  const data = new Float32Array(vectors.length * dimensions);
  for (const [row, vector] of vectors.entries()) {
    if (vector.length !== dimensions) {
      throw new EvaluationError(
        'EVALUATION_DIMENSION_MISMATCH',
        `${what}: vector ${row} has ${vector.length} values, the first has ${dimensions}.`,
      );
    }
    // A NaN compares as neither above nor below: it would win or lose every rank by accident.
    const at = vector.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      throw new EvaluationError(
        'EVALUATION_NOT_FINITE',
        `${what}: value ${at} of vector ${row} is ${vector[at]}, expected a finite number.`,
      );
    }
    data.set(vector, row * dimensions);
  }
  return { data, rows: vectors.length, dimensions };
}

/** One row as a view (no copy). */
export function matrixRow(matrix: EmbeddingMatrix, row: number): Float32Array {
  return matrix.data.subarray(row * matrix.dimensions, (row + 1) * matrix.dimensions);
}
