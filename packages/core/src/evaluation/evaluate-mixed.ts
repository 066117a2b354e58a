import { fuseQuery } from '../fusion/fuse-query.js';
import type { ScoreCalibration } from '../models/embedding-model.js';
import { EvaluationError, matrixRow, stackVectors } from './embedding-matrix.js';
import type { Figures, MixedEvaluation } from './evaluation-report.js';
import { type EvaluationLevel, type EvaluationQuery, judgeQueries } from './evaluation-set.js';
import { rankQueries, summarise } from './figures.js';
import { correctGains, fusionGains } from './fusion-gain.js';
import type { EncodedStyle, StyleContext } from './style-context.js';

/** Two queries that mean the same, and the photos that are right. */
interface QueryPair {
  /** Resampled together: the photo meant, or the query that comes once where a class is meant. */
  readonly cluster: string;
  readonly relevant: readonly number[];
  readonly rows: readonly [number, number];
}

interface Pairs {
  readonly level: EvaluationLevel;
  readonly pairs: readonly QueryPair[];
}

/** Evaluates pairs of styles fused with equal weights. For each photo that has queries in both styles, the j-th query of
 *  the style that has more is joined with the j-th of the other, which starts again when it runs out; so a photo with
 *  five captions and one sketch gives five mixed queries. Where no photo has both, queries of the same class are joined
 *  likewise, and every photo of the class is right. The parts are judged on exactly these pairs, and what fusing brings
 *  over the better of them is tested query by query.
 *  @param calibration the model's own, measured on held data, not on the queries evaluated here.
 *  @throws {EvaluationError} a style without queries, or no photo and no class with both. */
export function evaluateMixed(
  pairs: readonly (readonly [string, string])[],
  encoded: ReadonlyMap<string, EncodedStyle>,
  calibration: Readonly<Record<string, ScoreCalibration>>,
  context: StyleContext,
): MixedEvaluation[] {
  checkMixedStyles(pairs, context.set.name, [...encoded.keys()]);
  const evaluated = pairs.map((styles) => {
    const [first, second] = styles.map((style) => encoded.get(style));
    if (first === undefined || second === undefined) throw new RangeError('A mixed query has two styles.');
    return evaluatePair(first, second, calibration, context);
  });
  return correctGains(evaluated);
}

/** Refuses a pair with a style that is not evaluated, which needs no vectors to be known.
 *  @throws {EvaluationError} `EVALUATION_STYLE_UNKNOWN` */
export function checkMixedStyles(
  pairs: readonly (readonly [string, string])[],
  setName: string,
  styles: readonly string[],
): void {
  const unknown = pairs.flat().find((style) => !styles.includes(style));
  if (unknown === undefined) return;
  throw new EvaluationError(
    'EVALUATION_STYLE_UNKNOWN',
    `Mixed queries: ${setName} has no queries in style "${unknown}" to evaluate; it has ${styles.join(', ')}.`,
  );
}

function evaluatePair(
  first: EncodedStyle,
  second: EncodedStyle,
  calibration: Readonly<Record<string, ScoreCalibration>>,
  context: StyleContext,
): MixedEvaluation {
  const name = `${first.style}+${second.style}`;
  const paired = pairQueries(first, second, context);
  if (paired.pairs.length === 0) {
    throw new EvaluationError(
      'EVALUATION_EMPTY',
      `${name}: no gallery photo and no class has a query in both styles.`,
    );
  }
  const fuse = ({ rows: [a, b] }: QueryPair): Float32Array =>
    fuseQuery([part(first, a, calibration), part(second, b, calibration)]).vector;
  const figuresOf = (vectorOf: (pair: QueryPair) => Float32Array): Figures =>
    rankPairs(paired, name, vectorOf, [first, second], context);
  const mixed = figuresOf(fuse);
  const parts = [first, second].map((entry, side) => ({
    style: entry.style,
    figures: figuresOf(({ rows }) => matrixRow(entry.encoded.vectors, rows[side] ?? 0)),
  }));
  const { random, resamples } = context;
  return { name, mixed, parts, gains: fusionGains(name, mixed, parts, { random, resamples }) };
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
  { level, pairs }: Pairs,
  name: string,
  vectorOf: (pair: QueryPair) => Float32Array,
  [first, second]: readonly [EncodedStyle, EncodedStyle],
  { gallery, random, keepTop, resamples }: StyleContext,
): Figures {
  const judged = pairs.flatMap(({ relevant, cluster, rows: [a, b] }) => {
    const [queryA, queryB] = [first.queries[a], second.queries[b]];
    if (queryA === undefined || queryB === undefined) return [];
    const parts = [queryA.id, queryB.id];
    return [{ query: { ...queryA, id: parts.join(' + ') }, relevant, cluster, parts }];
  });
  const vectors = stackVectors(pairs.map(vectorOf), `${name} queries`);
  const { results } = rankQueries(vectors, gallery, judged, keepTop);
  // One stream for the pair and its parts: their intervals come from the same resamples.
  return summarise(results, level, 0, {
    random: random.fork(name),
    resamples,
    what: name,
  });
}

function pairQueries(first: EncodedStyle, second: EncodedStyle, { set }: StyleContext): Pairs {
  for (const level of ['instance', 'class'] as const) {
    const [ofFirst, ofSecond] = [first, second].map(({ queries }) => rowsByMeaning(queries, level));
    const { judged } = judgeQueries(set, first.queries, level);
    const relevant = new Map(judged.map((one) => [meaningOf(one.query, level), one.relevant]));
    const pairs = [...relevant].flatMap(([meaning, photos]) => {
      const [a, b] = [ofFirst?.get(meaning) ?? [], ofSecond?.get(meaning) ?? []];
      if (a.length === 0 || b.length === 0) return [];
      return Array.from({ length: Math.max(a.length, b.length) }, (_, j): QueryPair => {
        const rows = [a[j % a.length] ?? 0, b[j % b.length] ?? 0] as const;
        const longer = a.length >= b.length ? first.queries[rows[0]] : second.queries[rows[1]];
        const cluster = level === 'instance' ? meaning : (longer?.target ?? longer?.id ?? meaning);
        return { cluster, relevant: photos, rows };
      });
    });
    if (pairs.length > 0) return { level, pairs };
  }
  return { level: 'instance', pairs: [] };
}

const meaningOf = (query: EvaluationQuery, level: EvaluationLevel): string =>
  (level === 'instance' ? query.target : query.className) ?? '';

function rowsByMeaning(queries: readonly EvaluationQuery[], level: EvaluationLevel): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, query] of queries.entries()) {
    const meaning = meaningOf(query, level);
    if (meaning === '') continue;
    const known = rows.get(meaning);
    if (known === undefined) rows.set(meaning, [row]);
    else known.push(row);
  }
  return rows;
}
