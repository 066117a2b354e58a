import { type EmbeddingMatrix, EvaluationError, matrixRow } from './embedding-matrix.js';

/** The name under which these figures appear, always apart from full-gallery figures. */
export function paperProtocolLabel(batchSize: number): string {
  return `paper protocol (in-batch ${batchSize}, top-1/top-4)`;
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
  /** Different photos in a batch, on average. Below `batchSize` the task is easier still. */
  readonly meanDistinctTargets: number;
}

/** The protocol of the FreestyleRet paper's released evaluator: queries in the order given are cut into batches of
 *  `batchSize`, and each is ranked against the targets of its own batch only; the last batch may be shorter.
 *  A photo that is the target of several queries of a batch stands there once. Ties are decided against the query.
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
  let first = 0;
  let firstFour = 0;
  let chance = 0;
  let distinct = 0;
  let batches = 0;
  for (let start = 0; start < targets.length; start += batchSize) {
    const batch = targets.slice(start, start + batchSize);
    const candidates = [...new Set(batch)];
    distinct += candidates.length;
    batches++;
    for (const [i, target] of batch.entries()) {
      const rank = rankAmong(matrixRow(queries, start + i), gallery, candidates, target);
      if (rank === 1) first++;
      if (rank <= 4) firstFour++;
      chance += 1 / candidates.length;
    }
  }
  const n = targets.length;
  return {
    protocol: paperProtocolLabel(batchSize),
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
  candidates: readonly number[],
  target: number,
): number {
  const score = (photo: number): number => {
    const vector = matrixRow(gallery, photo);
    let sum = 0;
    for (let d = 0; d < query.length; d++) sum += (query[d] as number) * (vector[d] as number);
    return sum;
  };
  const wanted = score(target);
  return 1 + candidates.filter((photo) => photo !== target && score(photo) >= wanted).length;
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
