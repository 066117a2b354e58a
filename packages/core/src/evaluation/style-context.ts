import type { Random } from '../random.js';
import { type EmbeddingMatrix, matrixRow } from './embedding-matrix.js';
import type { EncodedQueries } from './encode-set.js';
import type { EvaluationQuery, EvaluationSet } from './evaluation-set.js';

/** Queries of one style with their vectors, row by row. */
export interface EncodedStyle {
  readonly style: string;
  readonly queries: readonly EvaluationQuery[];
  readonly encoded: EncodedQueries;
}

/** What every part of an evaluation shares. */
export interface StyleContext {
  readonly set: EvaluationSet;
  readonly gallery: EmbeddingMatrix;
  readonly random: Random;
  readonly keepTop: number;
  readonly resamples: number | undefined;
}

/** Some rows of a matrix, in the order given. */
export function pickRows(matrix: EmbeddingMatrix, rows: readonly number[]): EmbeddingMatrix {
  const data = new Float32Array(rows.length * matrix.dimensions);
  for (const [to, from] of rows.entries()) data.set(matrixRow(matrix, from), to * matrix.dimensions);
  return { data, rows: rows.length, dimensions: matrix.dimensions };
}
