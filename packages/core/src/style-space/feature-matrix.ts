import { requireFinite, StyleSpaceError } from './style-space-error.js';

/** Style features of several pictures, a row each: float32, row-major. */
export interface FeatureMatrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** @throws {StyleSpaceError} no rows, rows of different lengths, a value that is not finite. */
export function featureMatrix(rows: readonly Float32Array[]): FeatureMatrix {
  const columns = rows[0]?.length ?? 0;
  if (columns === 0) {
    throw new StyleSpaceError(
      'STYLE_FEATURES_EMPTY',
      'Style features: expected at least one picture, got none.',
    );
  }
  const data = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    if (row.length !== columns) {
      throw new StyleSpaceError(
        'STYLE_FEATURES_INVALID',
        `Style features: picture ${i} has ${row.length} values, the first has ${columns}.`,
      );
    }
    requireFinite(row, `Style features of picture ${i}`);
    data.set(row, i * columns);
  }
  return { data, rows: rows.length, columns };
}

/** One row as a view. */
export const featureRow = ({ data, columns }: FeatureMatrix, row: number): Float32Array =>
  data.subarray(row * columns, (row + 1) * columns);

/** Copies of some rows, in the order given. */
export function pickFeatureRows(matrix: FeatureMatrix, rows: readonly number[]): FeatureMatrix {
  const data = new Float32Array(rows.length * matrix.columns);
  for (const [to, from] of rows.entries()) data.set(featureRow(matrix, from), to * matrix.columns);
  return { data, rows: rows.length, columns: matrix.columns };
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}

/** Scaled to length 1; a zero vector stays as it is. */
export function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((value) => value / length);
}
