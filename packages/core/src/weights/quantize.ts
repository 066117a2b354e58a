import { CoreError } from '../errors.js';

/** A matrix stored as 8-bit integers with one scale a row: `value ≈ data[row, column] · scales[row]`. */
export interface QuantizedRows {
  readonly data: Int8Array;
  readonly scales: Float32Array;
}

/** Name under which the scales of a quantised matrix are stored beside it. */
export const scaleName = (name: string): string => `${name}.scale`;

/** Symmetric 8-bit quantisation by row: `scale = max|row| / 127`, values rounded to the nearest step.
 *  The error of an element is at most half its row's scale. A row of zeros gets scale 0.
 *  @param values `[rows, …]`, float32, finite.
 *  @param rows size of the first dimension.
 *  @throws {CoreError} `WEIGHTS_QUANTIZE` if the values do not divide into rows. */
export function quantizeRows(values: Float32Array, rows: number): QuantizedRows {
  const width = values.length / rows;
  if (!Number.isInteger(width) || rows < 1) {
    throw new CoreError(
      'WEIGHTS_QUANTIZE',
      `quantizeRows: ${values.length} values do not divide into ${rows} rows`,
      { length: values.length, rows },
    );
  }
  const data = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let largest = 0;
    for (let i = start; i < start + width; i++) largest = Math.max(largest, Math.abs(values[i] ?? 0));
    scales[row] = largest / 127;
    // Read back, since the stored float32 scale is the one that dequantisation multiplies by.
    const scale = scales[row] ?? 0;
    if (scale === 0) continue;
    for (let i = start; i < start + width; i++) {
      data[i] = Math.max(-127, Math.min(127, Math.round((values[i] ?? 0) / scale)));
    }
  }
  return { data, scales };
}

/** Inverse of {@link quantizeRows}: float32 of the same length as `data`. */
export function dequantizeRows(data: Int8Array, scales: Float32Array): Float32Array {
  const width = data.length / Math.max(1, scales.length);
  const out = new Float32Array(data.length);
  for (let row = 0; row < scales.length; row++) {
    const scale = scales[row] ?? 0;
    for (let i = row * width; i < (row + 1) * width; i++) out[i] = (data[i] ?? 0) * scale;
  }
  return out;
}
