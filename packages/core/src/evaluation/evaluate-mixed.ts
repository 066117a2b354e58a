import { fuseQuery } from '../fusion/fuse-query.js';
import type { ScoreCalibration } from '../models/embedding-model.js';
import { EvaluationError, matrixRow, stackVectors } from './embedding-matrix.js';
import type { Figures, MixedEvaluation } from './evaluation-report.js';
import { type EvaluationLevel, type EvaluationQuery, judgeQueries } from './evaluation-set.js';
import { rankQueries, summarise } from './figures.js';
import { correctGains, fusionGains } from './fusion-gain.js';
import { joinedKey } from './query-identity.js';
import type { EncodedStyle, StyleContext } from './style-context.js';

/** Two queries that mean the same, and the photos that are right. */
interface QueryPair {
  /** The photo that is meant, or where a class is, the query of the coarser side: there are no more witnesses than that. */
  readonly cluster: string;
  readonly key: string;
  readonly weight: number;
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
 *  likewise, and every photo of the class is right; each query of the side that has fewer (in all) then counts once,
 *  shared by its pairs, so seven texts behind 300 pairs are seven witnesses. The parts are judged on exactly these pairs,
 *  and what fusing brings over the better of them is tested unit by unit.
 *  @param calibration the model's own, measured on held data, not on the queries evaluated here.
 *  @throws {EvaluationError} a style without queries, or no photo and no class with both. */
export async function evaluateMixed(
  pairs: readonly (readonly [string, string])[],
  encoded: ReadonlyMap<string, EncodedStyle>,
  calibration: Readonly<Record<string, ScoreCalibration>>,
  context: StyleContext,
): Promise<MixedEvaluation[]> {
  checkMixedStyles(pairs, context.set.name, [...encoded.keys()]);
  const evaluated: MixedEvaluation[] = [];
  for (const styles of pairs) {
    const [first, second] = styles.map((style) => encoded.get(style));
    if (first === undefined || second === undefined) throw new RangeError('A mixed query has two styles.');
    evaluated.push(await evaluatePair(first, second, calibration, context));
  }
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

async function evaluatePair(
  first: EncodedStyle,
  second: EncodedStyle,
  calibration: Readonly<Record<string, ScoreCalibration>>,
  context: StyleContext,
): Promise<MixedEvaluation> {
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
  const figuresOf = (section: string, vectorOf: (pair: QueryPair) => Float32Array): Promise<Figures> =>
    rankPairs(paired, section, vectorOf, [first, second], context);
  const mixed = await figuresOf(name, fuse);
  const parts: MixedEvaluation['parts'][number][] = [];
  for (const [side, entry] of [first, second].entries()) {
    const figures = await figuresOf(`${entry.style} alone (${name})`, ({ rows }) =>
      matrixRow(entry.encoded.vectors, rows[side] ?? 0),
    );
    parts.push({ style: entry.style, figures });
  }
  return { name, mixed, parts, gains: fusionGains(mixed, parts) };
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
async function rankPairs(
  { level, pairs }: Pairs,
  section: string,
  vectorOf: (pair: QueryPair) => Float32Array,
  [first, second]: readonly [EncodedStyle, EncodedStyle],
  { gallery, ranking, more }: StyleContext,
): Promise<Figures> {
  const judged = pairs.flatMap(({ relevant, cluster, key, weight, rows: [a, b] }) => {
    const [queryA, queryB] = [first.queries[a], second.queries[b]];
    if (queryA === undefined || queryB === undefined) return [];
    const parts = [queryA.id, queryB.id];
    return [{ query: { ...queryA, id: parts.join(' + ') }, relevant, cluster, key, weight, parts }];
  });
  const vectors = stackVectors(pairs.map(vectorOf), `${section} queries`);
  const { results } = await rankQueries(vectors, gallery, judged, ranking(section, judged.length));
  return summarise(results, level, 0, { what: section, more });
}

function pairQueries(first: EncodedStyle, second: EncodedStyle, context: StyleContext): Pairs {
  for (const level of ['instance', 'class'] as const) {
    const pairs = pairsAt(level, first, second, context);
    if (pairs.length > 0) return { level, pairs };
  }
  return { level: 'instance', pairs: [] };
}

function pairsAt(
  level: EvaluationLevel,
  first: EncodedStyle,
  second: EncodedStyle,
  { set, identities }: StyleContext,
): QueryPair[] {
  const [ofFirst, ofSecond] = [first, second].map(({ queries }) => rowsByMeaning(queries, level));
  const { judged } = judgeQueries(set, first.queries, level, identities);
  const relevant = new Map(judged.map((one) => [meaningOf(one.query, level), one.relevant]));
  const shared = [...relevant].flatMap(([meaning, photos]) => {
    const [a, b] = [ofFirst?.get(meaning) ?? [], ofSecond?.get(meaning) ?? []];
    return a.length === 0 || b.length === 0 ? [] : [{ photos, a, b }];
  });
  const count = (side: 'a' | 'b') => shared.reduce((sum, one) => sum + one[side].length, 0);
  const coarser = count('a') <= count('b') ? 0 : 1;
  return shared.flatMap(({ photos, a, b }) => {
    const times = Math.max(a.length, b.length);
    return Array.from({ length: times }, (_, j): QueryPair => {
      const rows = [a[j % a.length] ?? 0, b[j % b.length] ?? 0] as const;
      const both = [first.queries[rows[0]], second.queries[rows[1]]].flatMap((query) =>
        query === undefined ? [] : [identities.of(query, level)],
      );
      const unit = both[coarser];
      const own = [a, b][coarser]?.length ?? 1;
      // How many pairs the query of the coarser side is in: it comes again every `own` pairs.
      const pairs = Math.floor((times - 1 - (j % own)) / own) + 1;
      return {
        cluster: unit?.cluster ?? '',
        key: joinedKey(both.map(({ key }) => key)),
        weight: level === 'instance' ? 1 : 1 / pairs,
        relevant: photos,
        rows,
      };
    });
  });
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
