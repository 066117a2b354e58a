import { type EmbeddingMatrix, matrixRow } from './embedding-matrix.js';
import type { EncodedQueries } from './encode-set.js';
import type { EvaluationQuery, EvaluationSet, Identities } from './evaluation-set.js';
import type { RankOptions } from './figures.js';

/** Queries of one style with their vectors, row by row. */
export interface EncodedStyle {
  readonly style: string;
  /** Those that could be read. */
  readonly queries: readonly EvaluationQuery[];
  readonly encoded: EncodedQueries;
}

/** What every part of an evaluation shares. */
export interface StyleContext {
  /** The photos that could be read, row i of `gallery`. */
  readonly set: EvaluationSet;
  readonly gallery: EmbeddingMatrix;
  readonly identities: Identities;
  readonly keepTop: number;
  /** Metrics beside those that every report has. */
  readonly more: readonly string[];
  /** Options of a ranking of so many queries in a section of the report. */
  readonly ranking: (section: string, total: number) => RankOptions;
}

/** Some rows of a matrix, in the order given. */
export function pickRows(matrix: EmbeddingMatrix, rows: readonly number[]): EmbeddingMatrix {
  const data = new Float32Array(rows.length * matrix.dimensions);
  for (const [to, from] of rows.entries()) data.set(matrixRow(matrix, from), to * matrix.dimensions);
  return { data, rows: rows.length, dimensions: matrix.dimensions };
}
