import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TEACHER_WIDTH } from './distillation-views.js';

/** The views on disk: the student's pixels read on demand, the teacher's features in memory, standardised. */
export interface ViewStore {
  readonly count: number;
  /** uint8 `[indices, size, size, 3]`. */
  pixels(indices: ArrayLike<number>): Promise<Uint8Array>;
  /** float32 `[indices, 1280]`, each feature with mean 0 and deviation 1 over the views. */
  features(indices: ArrayLike<number>): Float32Array;
  close(): Promise<void>;
}

/** Opens what `buildViews` has written so far. */
export async function openViewStore(folder: string, size: number): Promise<ViewStore> {
  const record = size * size * 3;
  const bytes = await readFile(join(folder, 'features.f32'));
  const file = await open(join(folder, 'pixels.u8'), 'r');
  const count = Math.min(
    Math.floor(bytes.byteLength / (TEACHER_WIDTH * 4)),
    Math.floor((await file.stat()).size / record),
  );
  const features = new Float32Array(bytes.buffer, bytes.byteOffset, count * TEACHER_WIDTH);
  standardise(features, TEACHER_WIDTH);
  return {
    count,
    pixels: (indices) => readRecords(file, record, indices),
    features: (indices) => gatherRows(features, TEACHER_WIDTH, indices),
    close: () => file.close(),
  };
}

/** Rows of a matrix by index, copied. */
export function gatherRows(matrix: Float32Array, width: number, indices: ArrayLike<number>): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const from = (indices[row] ?? 0) * width;
    rows.set(matrix.subarray(from, from + width), row * width);
  }
  return rows;
}

async function readRecords(
  file: FileHandle,
  record: number,
  indices: ArrayLike<number>,
): Promise<Uint8Array> {
  const pixels = new Uint8Array(indices.length * record);
  await Promise.all(
    Array.from(indices, (view, slot) => file.read(pixels, slot * record, record, view * record)),
  );
  return pixels;
}

/** Columns brought to mean 0 and deviation 1, in place; a constant column becomes zeros. */
export function standardise(matrix: Float32Array, width: number): void {
  const rows = matrix.length / width;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (let i = 0; i < matrix.length; i++) {
    const value = matrix[i] as number;
    mean[i % width] = (mean[i % width] as number) + value / rows;
    square[i % width] = (square[i % width] as number) + (value * value) / rows;
  }
  const scale = mean.map((m, column) => {
    const variance = (square[column] as number) - m * m;
    return variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
  });
  for (let i = 0; i < matrix.length; i++) {
    matrix[i] = ((matrix[i] as number) - (mean[i % width] as number)) * (scale[i % width] as number);
  }
}
