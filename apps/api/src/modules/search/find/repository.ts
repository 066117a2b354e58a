import type pg from 'pg';
import { z } from 'zod';
import { Prisma, type PrismaClient } from '../../../generated/prisma/client.js';
import type { FacetCount } from '../../../platform/database/paging.js';
import { parseVector } from '../../../platform/database/vector-text.js';
import { UnavailableError } from '../../../platform/errors.js';
import type { FindQuery, Found, GallerySlice, Hit, Scoring } from './find-query.js';
import { findMessage, wholeSql } from './find-sql.js';
import { imageOfJson, imageSchema } from './image-json.js';
import { literalSql } from './literal-sql.js';
import { aboveSql, sliceSql } from './score-sql.js';

export const SEARCH_FACETS = ['styles', 'classes', 'tags', 'datasets', 'splits'] as const;
export type SearchFacet = (typeof SEARCH_FACETS)[number];

/** How many photos of a slice are above the floor, and how many below. Copies of one content count once. */
export interface Tally {
  readonly above: number;
  readonly below: number;
}

export interface SearchRepository {
  /** One round trip: hits, and what else their page needs. @throws {UnavailableError} where it takes too long. */
  find(query: FindQuery): Promise<Found>;
  /** Scores every photo of the slice. */
  tally(query: GallerySlice & Scoring): Promise<Tally>;
  facet(query: GallerySlice & Scoring, facet: SearchFacet): Promise<FacetCount[]>;
  /** Where photos stand, from 1, when every photo of the slice is scored. */
  ranks(query: GallerySlice & Scoring, imageIds: readonly string[]): Promise<Map<string, number>>;
  count(slice: GallerySlice): Promise<number>;
  /** The number of a space by its content hash; null where there is none. */
  spaceId(hash: string): Promise<number | null>;
  /** Vectors of every `step`th photo of a space, `most` at most. */
  sample(spaceId: number, step: number, most: number): Promise<Float32Array[]>;
  /** The vectors of gallery photos; photos that have none in the space are left out. */
  vectors(spaceId: number, imageIds: readonly string[]): Promise<Map<string, Float32Array>>;
}

export function createSearchRepository(prisma: PrismaClient, pool: pg.Pool): SearchRepository {
  return {
    find: (query) => find(pool, query),
    async tally(query) {
      const above = aboveSql(query);
      const [row] = await ask(
        pool,
        Prisma.sql`SELECT count(DISTINCT i.content_hash) FILTER (WHERE ${above})::int AS above,
          count(DISTINCT i.content_hash) FILTER (WHERE NOT ${above})::int AS below
          FROM (${wholeSql(query)}) s JOIN image i ON i.id = s.image_id`,
        z.object({ above: z.number(), below: z.number() }),
      );
      return row ?? { above: 0, below: 0 };
    },
    facet: (query, facet) =>
      ask(pool, facetSql(query, facet), z.object({ value: z.string(), count: z.number() })),
    async ranks(query, imageIds) {
      const rows = await ask(
        pool,
        Prisma.sql`SELECT * FROM (
            SELECT s.image_id AS id, row_number() OVER (ORDER BY s.score DESC, s.seq)::int AS rank
            FROM (${wholeSql(query)}) s) ranked
          WHERE id = ANY(${[...imageIds]}::uuid[])`,
        z.object({ id: z.string(), rank: z.number() }),
      );
      return new Map(rows.map(({ id, rank }) => [id, rank]));
    },
    async count(slice) {
      const join = slice.conditions.length > 0 ? Prisma.sql`JOIN image i ON i.id = e.image_id` : Prisma.empty;
      const [row] = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM embedding e ${join} WHERE ${sliceSql(slice)}`;
      return row?.count ?? 0;
    },
    spaceId: async (spaceHash) =>
      (await prisma.embeddingSpace.findUnique({ where: { spaceHash }, select: { id: true } }))?.id ?? null,
    async sample(spaceId, step, most) {
      const rows = await prisma.$queryRaw<{ vector: string }[]>`
        SELECT vector::text AS vector FROM embedding
        WHERE space_id = ${spaceId}::int AND seq % ${step}::bigint = 0 LIMIT ${most}::int`;
      return rows.map(({ vector }) => parseVector(vector));
    },
    async vectors(spaceId, imageIds) {
      const rows = await prisma.$queryRaw<{ imageId: string; vector: string }[]>`
        SELECT image_id AS "imageId", vector::text AS vector FROM embedding
        WHERE space_id = ${spaceId}::int AND image_id = ANY(${[...imageIds]}::uuid[])`;
      return new Map(rows.map((row) => [row.imageId, parseVector(row.vector)]));
    },
  };
}

const MAX_FACET_VALUES = 200;

function facetSql(query: GallerySlice & Scoring, facet: SearchFacet): Prisma.Sql {
  const values: Readonly<Record<SearchFacet, Prisma.Sql>> = {
    classes: Prisma.sql`SELECT coalesce(i.class, '') AS value`,
    splits: Prisma.sql`SELECT coalesce(i.split, '') AS value`,
    datasets: Prisma.sql`SELECT i.dataset_id::text AS value`,
    tags: Prisma.sql`SELECT unnest(CASE WHEN cardinality(i.tags) = 0 THEN ARRAY[''] ELSE i.tags END) AS value`,
    styles: Prisma.sql`SELECT DISTINCT coalesce(q.style, '') AS value
      FROM (SELECT 1) one LEFT JOIN query q ON q.image_id = i.id`,
  };
  return Prisma.sql`
    SELECT v.value, count(*)::int AS count
    FROM (${wholeSql(query)}) s JOIN image i ON i.id = s.image_id, LATERAL (${values[facet]}) v
    WHERE ${aboveSql(query)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MAX_FACET_VALUES}::int`;
}

const hitSchema = z.object({
  snapshot: z.coerce.bigint().nullable(),
  shown: z.number(),
  scored: z.number(),
  asked: z.number(),
  full: z.number(),
  farthest: z.number().nullable(),
  imageId: z.string().nullable(),
  seq: z.coerce.bigint().nullable(),
  score: z.number().nullable(),
  key: z.string().nullable(),
  sims: z.array(z.number()).nullable(),
  words: z.array(z.number()).nullable(),
  copies: z.array(z.string()).nullable(),
  image: imageSchema.nullable(),
});
type Row = z.infer<typeof hitSchema>;

async function find(pool: pg.Pool, query: FindQuery): Promise<Found> {
  const rows = await ask(pool, findMessage(query), hitSchema);
  const [meta] = rows;
  if (meta === undefined) throw new Error('a search came back without a row');
  const { shown, scored, asked, full, farthest } = meta;
  return {
    hits: rows.flatMap((row) => hitOf(row)),
    snapshot: meta.snapshot ?? 0n,
    shown,
    scored,
    index: { asked, full, farthest },
  };
}

function hitOf({ imageId, seq, score, key, sims, words, copies, image }: Row): Hit[] {
  if (imageId === null || seq === null || score === null || image === null) return [];
  return [
    {
      imageId,
      seq,
      score,
      key,
      image: imageOfJson(image),
      similarities: sims ?? [],
      coverages: words ?? [],
      copies: (copies ?? []).filter((id) => id !== imageId),
    },
  ];
}

/** Runs one message and checks the rows of its last statement. */
async function ask<T extends z.ZodType>(
  pool: pg.Pool,
  message: Prisma.Sql | readonly Prisma.Sql[],
  schema: T,
): Promise<z.infer<T>[]> {
  const text = (Array.isArray(message) ? message : [message]).map(literalSql).join(';\n');
  try {
    const answer: pg.QueryResult | pg.QueryResult[] = await pool.query(text);
    const last = Array.isArray(answer) ? answer.at(-1) : answer;
    return z.array(schema).parse(last?.rows ?? []);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '57014') {
      throw new UnavailableError(
        'This search took too long; narrow it by a filter, or try again later.',
        error,
      );
    }
    throw error;
  }
}
