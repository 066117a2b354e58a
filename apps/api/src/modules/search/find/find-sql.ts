import { Prisma } from '../../../generated/prisma/client.js';
import { vectorText } from '../../../platform/database/vector-text.js';
import type { FindQuery, GallerySlice, Scoring } from './find-query.js';
import {
  aboveSql,
  anyWordSql,
  coveragesSql,
  everyWordSql,
  orderSql,
  scoreSql,
  seekSql,
  similaritiesSql,
  sliceSql,
  sortKeySql,
} from './score-sql.js';

/** Behind a condition that so few photos meet, all of them are ranked; above, the index is asked with the condition. */
const FEW = 2000;
/** Photos that the index looks at before it gives up: those of a condition that one in a thousand meets. */
const MAX_SCANNED = 40_000;
const TIMEOUT_MS = 20_000;

/** One message with everything that a search asks the database: the settings, which hold until its end, and one query. */
export function findMessage(query: FindQuery): Prisma.Sql[] {
  return [...settings(query), findSql(query)];
}

function settings({ segments, depth }: FindQuery): Prisma.Sql[] {
  const timeout = Prisma.raw(`SET LOCAL statement_timeout = ${TIMEOUT_MS}`);
  if (segments === null) return [timeout];
  const efSearch = Math.min(1000, Math.max(100, depth));
  return [
    timeout,
    Prisma.raw('SET LOCAL hnsw.iterative_scan = strict_order'),
    Prisma.raw(`SET LOCAL hnsw.ef_search = ${efSearch}`),
    Prisma.raw(`SET LOCAL hnsw.max_scan_tuples = ${MAX_SCANNED}`),
    // Compiling a query that takes milliseconds takes longer than it.
    Prisma.raw('SET LOCAL jit = off'),
  ];
}

/** Whether scoring or taking a photo needs its row beside its vector. */
const needsImage = ({ conditions, words, order }: FindQuery): boolean =>
  conditions.length > 0 || words.length > 0 || order.by !== 'RELEVANCE';

const IMAGE_JOIN = Prisma.sql`JOIN image i ON i.id = e.image_id`;

/** Photos of the slice with their score, those that cannot count left out. */
export function scoredSql(
  query: GallerySlice & Scoring & Partial<Pick<FindQuery, 'order'>>,
  from: Prisma.Sql,
  where: Prisma.Sql,
): Prisma.Sql {
  const key = query.order ? sortKeySql(query.order) : null;
  return Prisma.sql`
    SELECT pool.*, ${scoreSql(query)} AS score FROM (
      SELECT e.image_id, e.seq, ${similaritiesSql(query.wordsOnly ? [] : query.terms)} AS sims,
        ${coveragesSql(query.words)} AS words, ${key ?? Prisma.sql`NULL::int`} AS key
      FROM ${from} WHERE ${where} OFFSET 0) pool`;
}

/** Everything of the slice, whatever an index says. */
export function wholeSql(query: GallerySlice & Scoring & Partial<Pick<FindQuery, 'order'>>): Prisma.Sql {
  const join =
    query.conditions.length > 0 || query.words.length > 0 || (query.order && query.order.by !== 'RELEVANCE')
      ? IMAGE_JOIN
      : Prisma.empty;
  const any = query.wordsOnly ? anyWordSql(query.words) : null;
  const where = any === null ? sliceSql(query) : Prisma.sql`${sliceSql(query)} AND ${any}`;
  return scoredSql(query, Prisma.sql`embedding e ${join}`, where);
}

function findSql(query: FindQuery): Prisma.Sql {
  const { order, depth, limit } = query;
  const indexed = query.segments !== null;
  const scored = indexed ? indexedSql(query) : wholeSql(query);
  return Prisma.sql`
    WITH ${indexed ? nearSql(query) : Prisma.empty}
    scored AS MATERIALIZED (${scored}),
    top AS MATERIALIZED (
      SELECT s.* FROM scored s WHERE ${aboveSql(query)} ORDER BY ${orderSql(order, 's')} LIMIT ${depth}::int),
    ${rankedSql(query)},
    page AS (
      SELECT r.* FROM ranked r WHERE r.copy = 1 AND ${seekSql(query)} ORDER BY ${orderSql(order, 'r')} LIMIT ${limit}::int)
    SELECT meta.*, p.image_id AS "imageId", p.seq, p.score, p.key::text AS key, p.sims, p.words, p.copies,
      to_jsonb(i.*) - 'words' || jsonb_build_object('perceptual_hash', i.perceptual_hash::text) AS image
    FROM (SELECT (SELECT max(seq) FROM embedding WHERE space_id = ${Prisma.raw(String(query.spaceId))}) AS snapshot,
      (SELECT count(*)::int FROM top) AS shown, (SELECT count(*)::int FROM scored) AS scored,
      ${indexed ? toldOfIndex(query) : Prisma.sql`0 AS asked, 0 AS full, NULL::float8 AS farthest`}) meta
    LEFT JOIN (page p CROSS JOIN LATERAL (SELECT * FROM image WHERE id = p.image_id OFFSET 0) i) ON TRUE ORDER BY ${orderSql(order, 'p')}`;
}

/** Pieces of the index that were asked; those that gave all they were asked for, so that they hold more; and how near a
 *  photo may be that none of these gave. */
function toldOfIndex({ depth, segments, conditions, datasetIds }: FindQuery): Prisma.Sql {
  const narrowed = conditions.length > 0 || datasetIds !== null;
  const pieces = Prisma.raw(String(segments?.length ?? 0));
  const full = Prisma.sql`FROM (SELECT max(distance) AS farthest FROM near WHERE piece IS NOT NULL GROUP BY piece
    HAVING count(*) >= ${depth}::int) f`;
  return Prisma.sql`
    ${narrowed ? Prisma.sql`(CASE WHEN (SELECT count(*) FROM few_slice) > ${FEW}::int THEN ${pieces} ELSE 0 END)` : pieces} AS asked,
    (SELECT count(*)::int ${full}) AS full, (SELECT min(f.farthest) ${full}) AS farthest`;
}

/** The best hits with what of them is the same: `copy` 1 stands for the others. */
function rankedSql({ collapse, order }: FindQuery): Prisma.Sql {
  if (collapse === 'NONE') {
    return Prisma.sql`ranked AS MATERIALIZED (SELECT t.*, 1 AS copy, '{}'::uuid[] AS copies FROM top t)`;
  }
  const content = Prisma.sql`
    SELECT t.*, row_number() OVER (PARTITION BY i.content_hash ORDER BY ${orderSql(order, 't')}) AS copy,
      array_agg(t.image_id) OVER (PARTITION BY i.content_hash) AS copies
    FROM top t ${ROW_OF_TOP}`;
  if (collapse === 'SAME_CONTENT') return Prisma.sql`ranked AS MATERIALIZED (${content})`;
  return Prisma.sql`placed AS MATERIALIZED (
      SELECT t.*, i.content_hash, i.perceptual_hash, row_number() OVER (ORDER BY ${orderSql(order, 't')}) AS place
      FROM top t ${ROW_OF_TOP}),
    ranked AS MATERIALIZED (
      SELECT t.*, CASE WHEN EXISTS (SELECT 1 FROM placed o WHERE o.place < t.place AND ${ALIKE}) THEN 2 ELSE 1 END AS copy,
        ARRAY(SELECT o.image_id FROM placed o WHERE ${ALIKE} ORDER BY o.place) AS copies
      FROM placed t)`;
}

/** The row of each hit, read by its id: the planner does not know how few they are, and would read all photos. */
const ROW_OF_TOP = Prisma.sql`
  CROSS JOIN LATERAL (SELECT content_hash, perceptual_hash FROM image WHERE id = t.image_id OFFSET 0) i`;

/** Six of 64 bits differ: what the check of a dataset calls alike. A hash without structure says nothing. */
const ALIKE = Prisma.sql`(o.content_hash = t.content_hash OR (t.perceptual_hash <> 0 AND
  length(replace((o.perceptual_hash # t.perceptual_hash)::bit(64)::text, '0', '')) <= 6))`;

/** Candidates: from the index by what the positive parts say together, from the words, and all that stand outside the
 *  index. `piece` is null for photos that were not taken by their
 *  distance alone. */
function nearSql(query: FindQuery): Prisma.Sql {
  const narrowed = query.conditions.length > 0 || query.datasetIds !== null;
  const branches = [
    branch(query, 'slice', null, narrowed),
    ...[everyWordSql(query.words), anyWordSql(query.words)].flatMap((condition, i) =>
      condition === null ? [] : [branch(query, `words${i}`, condition, true)],
    ),
  ];
  const few = branches.flatMap((one) => (one.few === null ? [] : [one.few]));
  return Prisma.sql`
    ${few.length === 0 ? Prisma.empty : Prisma.sql`${Prisma.join(few, ', ')},`}
    near AS MATERIALIZED (${Prisma.join(
      [...branches.map(({ candidates }) => candidates), tailSql(query)],
      ' UNION ALL ',
    )}),`;
}

interface Branch {
  /** The photos behind the branch's condition, one more than few at most. */
  readonly few: Prisma.Sql | null;
  readonly candidates: Prisma.Sql;
}

function branch(query: FindQuery, name: string, condition: Prisma.Sql | null, narrowed: boolean): Branch {
  const where = condition === null ? sliceSql(query) : Prisma.sql`${sliceSql(query)} AND ${condition}`;
  const join = needsImage({ ...query, words: condition === null ? [] : query.words })
    ? IMAGE_JOIN
    : Prisma.empty;
  const few = Prisma.raw(`few_${name}`);
  const count = Prisma.sql`(SELECT count(*) FROM ${few})`;
  const many = narrowed ? Prisma.sql`${count} > ${FEW}::int AND ${where}` : where;
  const asked = (query.segments ?? []).map((segment, i) =>
    segmentSql(query, segment, join, many, condition === null ? i : null),
  );
  if (!narrowed) return { few: null, candidates: unionAll(asked) };
  return {
    few: Prisma.sql`${few} AS MATERIALIZED (
      SELECT e.image_id FROM embedding e ${join} WHERE ${where} LIMIT ${FEW + 1}::int)`,
    candidates: unionAll([
      Prisma.sql`(SELECT image_id, NULL::int AS piece, NULL::float8 AS distance FROM ${few} WHERE ${count} <= ${FEW}::int)`,
      ...asked,
    ]),
  };
}

const unionAll = (parts: readonly Prisma.Sql[]): Prisma.Sql => Prisma.join([...parts], ' UNION ALL ');

/** The query must repeat the index's own expression and condition, so both stand in it as literals. */
function segmentSql(
  { dimensions, fused, depth }: FindQuery,
  { from, to }: { from: bigint; to: bigint },
  join: Prisma.Sql,
  where: Prisma.Sql,
  piece: number | null,
): Prisma.Sql {
  const distance = Prisma.sql`(e.vector::${Prisma.raw(`vector(${dimensions})`)}) <#> ${vectorText(fused.vector)}::${Prisma.raw(`vector(${dimensions})`)}`;
  return Prisma.sql`
    (SELECT e.image_id, ${piece}::int AS piece, ${piece === null ? Prisma.sql`NULL::float8` : distance} AS distance
     FROM embedding e ${join}
     WHERE e.seq > ${Prisma.raw(String(from))} AND e.seq <= ${Prisma.raw(String(to))} AND ${where}
     ORDER BY ${distance} LIMIT ${depth}::int)`;
}

function tailSql(query: FindQuery): Prisma.Sql {
  const last = query.segments?.at(-1)?.to ?? 0n;
  const join = query.conditions.length > 0 ? IMAGE_JOIN : Prisma.empty;
  return Prisma.sql`
    (SELECT e.image_id, NULL::int AS piece, NULL::float8 AS distance FROM embedding e ${join}
     WHERE ${sliceSql(query)} AND e.seq > ${Prisma.raw(String(last))})`;
}

/** The candidates with their scores, each read by its id as {@link ROW_OF_TOP} is. */
function indexedSql(query: FindQuery): Prisma.Sql {
  const space = Prisma.raw(String(query.spaceId));
  const image = Prisma.sql`CROSS JOIN LATERAL (SELECT * FROM image WHERE id = n.image_id OFFSET 0) i`;
  return scoredSql(
    query,
    Prisma.sql`(SELECT DISTINCT image_id FROM near) n CROSS JOIN LATERAL (
      SELECT image_id, seq, vector FROM embedding WHERE space_id = ${space} AND image_id = n.image_id OFFSET 0) e
      ${needsScoredImage(query) ? image : Prisma.empty}`,
    Prisma.sql`TRUE`,
  );
}

/** Whether the score or the order needs more than the vector. */
const needsScoredImage = ({ words, order }: FindQuery): boolean =>
  words.length > 0 || order.by !== 'RELEVANCE';
