import { type EmbeddingMatrix, EvaluationError } from './embedding-matrix.js';

/** Queries scored together: four running sums stay in registers and each gallery value is read once for all four. */
const QUERIES_AT_ONCE = 4;

/** Work between two pauses: other work of the process waits no longer than this. */
const MS_BETWEEN_PAUSES = 40;

export interface ScoreOptions {
  /** Called at each pause and at the end with the queries done. */
  readonly onBlock?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Scores every query against every photo: calls `visit(query, scores)` in query order, `scores[g] = dot(query, photo g)`.
 *  `scores` is float64, `[gallery.rows]`, and is overwritten by later calls: copy what is to be kept.
 *  Memory is four rows, whatever the number of queries. 5,000 × 1,000 × 256 takes about a second on one core.
 *  @throws {EvaluationError} when the two sides have different dimensions; the signal's reason when it is aborted. */
export async function scoreGallery(
  queries: EmbeddingMatrix,
  gallery: EmbeddingMatrix,
  visit: (query: number, scores: Float64Array) => void,
  { onBlock, signal }: ScoreOptions = {},
): Promise<void> {
  if (queries.dimensions !== gallery.dimensions) {
    throw new EvaluationError(
      'EVALUATION_DIMENSION_MISMATCH',
      `Queries have ${queries.dimensions} dimensions, the gallery ${gallery.dimensions}; both must come from one embedding space.`,
    );
  }
  const rows = Array.from({ length: QUERIES_AT_ONCE }, () => new Float64Array(gallery.rows));
  let paused = performance.now();
  for (let first = 0; first < queries.rows; first += QUERIES_AT_ONCE) {
    scoreFour(queries, first, gallery, rows);
    for (let i = 0; i < QUERIES_AT_ONCE && first + i < queries.rows; i++) {
      const scores = rows[i];
      if (scores !== undefined) visit(first + i, scores);
    }
    if (performance.now() - paused < MS_BETWEEN_PAUSES) continue;
    onBlock?.(Math.min(first + QUERIES_AT_ONCE, queries.rows));
    await new Promise((resume) => setImmediate(resume));
    signal?.throwIfAborted();
    paused = performance.now();
  }
  onBlock?.(queries.rows);
}

/** Past the last query the last one is scored again, so that the inner loop needs no branch. */
function scoreFour(
  queries: EmbeddingMatrix,
  first: number,
  gallery: EmbeddingMatrix,
  rows: Float64Array[],
): void {
  const { dimensions, data: photos } = gallery;
  const { data } = queries;
  const [out0, out1, out2, out3] = rows;
  if (out0 === undefined || out1 === undefined || out2 === undefined || out3 === undefined) return;
  const start = (i: number) => Math.min(first + i, queries.rows - 1) * dimensions;
  const [q0, q1, q2, q3] = [start(0), start(1), start(2), start(3)];
  for (let g = 0, base = 0; g < gallery.rows; g++, base += dimensions) {
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    for (let d = 0; d < dimensions; d++) {
      // Indices are in range by construction; `as number` spares the inner loop a test.
      const photo = photos[base + d] as number;
      sum0 += (data[q0 + d] as number) * photo;
      sum1 += (data[q1 + d] as number) * photo;
      sum2 += (data[q2 + d] as number) * photo;
      sum3 += (data[q3 + d] as number) * photo;
    }
    out0[g] = sum0;
    out1[g] = sum1;
    out2[g] = sum2;
    out3[g] = sum3;
  }
}
