import { fuseQuery } from '../fusion/fuse-query.js';
import type { ScoreCalibration } from '../models/embedding-model.js';
import { EvaluationError, matrixRow, stackVectors } from './embedding-matrix.js';
import type { Figures, MixedEvaluation } from './evaluation-report.js';
import type { EvaluationQuery } from './evaluation-set.js';
import { rankQueries, summarise } from './figures.js';
import type { EncodedStyle, StyleContext } from './style-context.js';

interface QueryPair {
  readonly target: string;
  readonly rows: readonly [number, number];
}

/** Evaluates pairs of styles fused with equal weights. For each photo that has queries in both styles, the j-th query of
 *  the style that has more is joined with the j-th of the other, which starts again when it runs out; so a photo with
 *  five captions and one sketch gives five mixed queries. The parts are judged on exactly these pairs.
 *  @param calibration the model's own, measured on held data, not on the queries evaluated here.
 *  @throws {EvaluationError} a style without queries, or no photo with both. */
export function evaluateMixed(
  pairs: readonly (readonly [string, string])[],
  encoded: ReadonlyMap<string, EncodedStyle>,
  calibration: Readonly<Record<string, ScoreCalibration>>,
  context: StyleContext,
): MixedEvaluation[] {
  return pairs.map((styles) => {
    const [first, second] = styles.map((style) => encodedStyle(style, encoded, context));
    if (first === undefined || second === undefined) throw new RangeError('A mixed query has two styles.');
    return evaluatePair(first, second, calibration, context);
  });
}

function encodedStyle(
  style: string,
  encoded: ReadonlyMap<string, EncodedStyle>,
  { set }: StyleContext,
): EncodedStyle {
  const entry = encoded.get(style);
  if (entry !== undefined) return entry;
  throw new EvaluationError(
    'EVALUATION_STYLE_UNKNOWN',
    `Mixed queries: ${set.name} has no queries in style "${style}"; it has ${[...encoded.keys()].join(', ')}.`,
  );
}

function evaluatePair(
  first: EncodedStyle,
  second: EncodedStyle,
  calibration: Readonly<Record<string, ScoreCalibration>>,
  context: StyleContext,
): MixedEvaluation {
  const name = `${first.style}+${second.style}`;
  const pairs = pairQueries(first.queries, second.queries, context);
  if (pairs.length === 0) {
    throw new EvaluationError('EVALUATION_EMPTY', `${name}: no gallery photo has a query in both styles.`);
  }
  const fuse = ({ rows: [a, b] }: QueryPair): Float32Array =>
    fuseQuery([part(first, a, calibration), part(second, b, calibration)]).vector;
  const figuresOf = (what: string, vectorOf: (pair: QueryPair) => Float32Array): Figures =>
    rankPairs(pairs, what, vectorOf, [first, second], context);
  return {
    name,
    mixed: figuresOf(name, fuse),
    parts: [first, second].map((entry, side) => ({
      style: entry.style,
      figures: figuresOf(name, ({ rows }) => matrixRow(entry.encoded.vectors, rows[side] ?? 0)),
    })),
  };
}

function part(entry: EncodedStyle, row: number, calibration: Readonly<Record<string, ScoreCalibration>>) {
  return {
    vector: matrixRow(entry.encoded.vectors, row),
    weight: 1,
    negative: false,
    calibration: calibration[entry.style],
  };
}

/** The offset is the same for every photo and moves no rank, so the vector alone ranks. */
function rankPairs(
  pairs: readonly QueryPair[],
  name: string,
  vectorOf: (pair: QueryPair) => Float32Array,
  [first, second]: readonly [EncodedStyle, EncodedStyle],
  { set, gallery, random, keepTop, resamples }: StyleContext,
): Figures {
  const rowOf = new Map(set.photos.map((photo, row) => [photo.id, row]));
  const judged = pairs.flatMap(({ target, rows: [a, b] }) => {
    const row = rowOf.get(target);
    const [queryA, queryB] = [first.queries[a], second.queries[b]];
    if (row === undefined || queryA === undefined || queryB === undefined) return [];
    const parts = [queryA.id, queryB.id];
    return [{ query: { ...queryA, id: parts.join(' + ') }, relevant: [row], cluster: target, parts }];
  });
  const vectors = stackVectors(pairs.map(vectorOf), `${name} queries`);
  const { results } = rankQueries(vectors, gallery, judged, keepTop);
  // One stream for the pair and its parts: their intervals come from the same resamples.
  return summarise(results, 'instance', 0, {
    random: random.fork(name),
    resamples,
    what: name,
  });
}

function pairQueries(
  first: readonly EvaluationQuery[],
  second: readonly EvaluationQuery[],
  { set }: StyleContext,
): QueryPair[] {
  const [rowsFirst, rowsSecond] = [rowsByTarget(first), rowsByTarget(second)];
  return set.photos.flatMap(({ id: target }) => {
    const [a, b] = [rowsFirst.get(target) ?? [], rowsSecond.get(target) ?? []];
    if (a.length === 0 || b.length === 0) return [];
    return Array.from(
      { length: Math.max(a.length, b.length) },
      (_, j): QueryPair => ({
        target,
        rows: [a[j % a.length] ?? 0, b[j % b.length] ?? 0],
      }),
    );
  });
}

function rowsByTarget(queries: readonly EvaluationQuery[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, { target }] of queries.entries()) {
    if (target === undefined) continue;
    const known = rows.get(target);
    if (known === undefined) rows.set(target, [row]);
    else known.push(row);
  }
  return rows;
}
