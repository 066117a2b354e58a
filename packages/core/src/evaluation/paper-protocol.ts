import { type EmbeddingMatrix, EvaluationError, matrixRow } from './embedding-matrix.js';

/** The name under which these figures appear, always apart from full-gallery figures. */
export function paperProtocolLabel(batchSize: number): string {
  return `paper protocol (in-batch ${batchSize}, top-1/top-4)`;
}

/** The name of the second reading. */
export function releasedProtocolLabel(batchSize: number): string {
  return `released evaluator (in-batch ${batchSize}, top-1/top-4, last batch dropped, own column only)`;
}

/** Batch size of the paper's released evaluator. */
export const PAPER_BATCH_SIZE = 24;

export interface PaperProtocolResult {
  readonly protocol: string;
  readonly queries: number;
  readonly batchSize: number;
  /** Share of queries whose target comes first in its batch. */
  readonly 'in-batch top-1': number;
  /** Share of queries whose target is among the first four of its batch (printed as R@5 in the paper). */
  readonly 'in-batch top-4': number;
  /** What guessing earns at top-1, for these very batches. */
  readonly chance: number;
  /** Different photos in a batch, on average. Below `batchSize` our reading is easier still. */
  readonly meanDistinctTargets: number;
}

/** The protocol of the FreestyleRet paper: queries in the order given are cut into batches of `batchSize`, and each is
 *  ranked against the targets of its own batch only; the last batch may be shorter. A photo that is the target of
 *  several queries of a batch stands there once. Ties are decided against the query.
 *  Not comparable with any full-gallery figure.
 *  @param queries `[n, dimensions]`; @param targets gallery row meant by each query, in the same order.
 *  @throws {EvaluationError} no queries, lengths that differ, a batch size below 2. */
export function paperProtocol(
  queries: EmbeddingMatrix,
  gallery: EmbeddingMatrix,
  targets: readonly number[],
  batchSize: number = PAPER_BATCH_SIZE,
): PaperProtocolResult {
  checkInput(queries, targets, batchSize);
  const result = inBatches(queries, gallery, targets, batchSize, (batch, target) => {
    const others = new Set(batch);
    others.delete(target);
    return [...others];
  });
  return { protocol: paperProtocolLabel(batchSize), ...result };
}

/** The same protocol as the paper's released evaluator does it, to the letter: a last batch that is not full is dropped,
 *  and a query is right only in its own column, so that the same photo standing there again for another query of the
 *  batch is a wrong answer of the very same score (decided against the query).
 *  @returns null where there is no full batch. @throws {EvaluationError} as `paperProtocol`. */
export function releasedProtocol(
  queries: EmbeddingMatrix,
  gallery: EmbeddingMatrix,
  targets: readonly number[],
  batchSize: number = PAPER_BATCH_SIZE,
): PaperProtocolResult | null {
  checkInput(queries, targets, batchSize);
  const whole = targets.slice(0, targets.length - (targets.length % batchSize));
  if (whole.length === 0) return null;
  const result = inBatches(queries, gallery, whole, batchSize, (batch, _target, own) =>
    batch.filter((_, i) => i !== own),
  );
  return { protocol: releasedProtocolLabel(batchSize), ...result };
}

/** @param rivalsOf gallery rows that a query of a batch competes with its target against. */
function inBatches(
  queries: EmbeddingMatrix,
  gallery: EmbeddingMatrix,
  targets: readonly number[],
  batchSize: number,
  rivalsOf: (batch: readonly number[], target: number, own: number) => readonly number[],
): Omit<PaperProtocolResult, 'protocol'> {
  let [first, firstFour, chance, distinct, batches] = [0, 0, 0, 0, 0];
  for (let start = 0; start < targets.length; start += batchSize) {
    const batch = targets.slice(start, start + batchSize);
    distinct += new Set(batch).size;
    batches++;
    for (const [i, target] of batch.entries()) {
      const rivals = rivalsOf(batch, target, i);
      const rank = rankAmong(matrixRow(queries, start + i), gallery, rivals, target);
      if (rank === 1) first++;
      if (rank <= 4) firstFour++;
      chance += 1 / (rivals.length + 1);
    }
  }
  const n = targets.length;
  return {
    queries: n,
    batchSize,
    'in-batch top-1': first / n,
    'in-batch top-4': firstFour / n,
    chance: chance / n,
    meanDistinctTargets: distinct / batches,
  };
}

function rankAmong(
  query: Float32Array,
  gallery: EmbeddingMatrix,
  rivals: readonly number[],
  target: number,
): number {
  const score = (photo: number): number => {
    const vector = matrixRow(gallery, photo);
    let sum = 0;
    for (let d = 0; d < query.length; d++) sum += (query[d] as number) * (vector[d] as number);
    return sum;
  };
  const wanted = score(target);
  return 1 + rivals.filter((photo) => score(photo) >= wanted).length;
}

function checkInput(queries: EmbeddingMatrix, targets: readonly number[], batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 2) {
    throw new EvaluationError(
      'EVALUATION_BATCH_SIZE',
      `In-batch ranking needs a whole batch size of 2 or more, got ${batchSize}.`,
    );
  }
  if (targets.length !== queries.rows || targets.length === 0) {
    throw new EvaluationError(
      'EVALUATION_LENGTH_MISMATCH',
      `Expected one target for each of ${queries.rows} queries, got ${targets.length}.`,
    );
  }
}
