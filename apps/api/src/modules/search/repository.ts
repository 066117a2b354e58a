import { Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import { parseVector } from '../../platform/database/vector-text.js';

/** Where a page ends: hits are ordered by falling score, then by the order in which photos came in. */
export interface HitKey {
  /** The negative inner product of query and photo, as the database computes it. */
  readonly distance: number;
  readonly seq: bigint;
}

export interface Hit extends HitKey {
  readonly imageId: string;
}

export interface GallerySlice {
  readonly spaceId: number;
  /** Null for all datasets. */
  readonly datasetIds: readonly string[] | null;
  /** Only photos that had come in by then. */
  readonly snapshot: bigint;
}

export interface HitQuery extends GallerySlice {
  readonly dimensions: number;
  /** The fused query, as text. */
  readonly vector: string;
  readonly after: HitKey | null;
  readonly limit: number;
}

export interface SearchRepository {
  /** The latest photo of a space: everything up to it makes a snapshot. */
  latestSeq(spaceId: number): Promise<bigint>;
  count(slice: GallerySlice): Promise<number>;
  /** Ranks every photo of the slice. */
  exact(query: HitQuery): Promise<Hit[]>;
  /** Asks the HNSW index; may miss hits, and may find fewer than there are. */
  approximate(query: HitQuery): Promise<Hit[]>;
  /** The vectors of gallery photos; photos that have none in the space are left out. */
  vectors(spaceId: number, imageIds: readonly string[]): Promise<Map<string, Float32Array>>;
  hasIndex(spaceId: number): Promise<boolean>;
  /** Makes the index of a space unless it is there. Writing waits meanwhile; reading does not on a native server. */
  buildIndex(spaceId: number, dimensions: number): Promise<void>;
}

/** pgvector indexes vectors of up to this many dimensions. */
export const MAX_INDEX_DIMENSIONS = 2000;

// Building needs the graph in memory: about 1 KB a photo at 256 dimensions.
const INDEX_MEMORY = '256MB';
const INDEX_LOCK = 7_303_014_020;

export const indexName = (spaceId: number): string => `embedding_hnsw_${spaceId}`;

export function createSearchRepository(prisma: PrismaClient): SearchRepository {
  return {
    async latestSeq(spaceId) {
      const [row] = await prisma.$queryRaw<{ seq: bigint | null }[]>`
        SELECT max(seq) AS seq FROM embedding WHERE space_id = ${spaceId}::int`;
      return row?.seq ?? 0n;
    },
    async count(slice) {
      const [row] = await prisma.$queryRaw<{ count: bigint }[]>`
        SELECT count(*) AS count FROM embedding WHERE ${sliceCondition(slice)}`;
      return Number(row?.count ?? 0);
    },
    exact: (query) => prisma.$queryRaw<Hit[]>(exactQuery(query)),
    approximate: (query) => askIndex(prisma, query),
    vectors: (spaceId, imageIds) => readVectors(prisma, spaceId, imageIds),
    hasIndex: (spaceId) => hasIndex(prisma, spaceId),
    buildIndex: (spaceId, dimensions) => buildIndex(prisma, spaceId, dimensions),
  };
}

const sliceCondition = ({ spaceId, datasetIds, snapshot }: GallerySlice): Prisma.Sql =>
  datasetIds === null
    ? Prisma.sql`space_id = ${spaceId}::int AND seq <= ${snapshot}::bigint`
    : Prisma.sql`space_id = ${spaceId}::int AND seq <= ${snapshot}::bigint
        AND dataset_id = ANY(${[...datasetIds]}::uuid[])`;

const afterCondition = (after: HitKey | null): Prisma.Sql =>
  after === null
    ? Prisma.sql`TRUE`
    : Prisma.sql`(distance, seq) > (${after.distance}::float8, ${after.seq}::bigint)`;

// Materialised, so that distances are only taken of vectors of this space, which alone have its length.
const exactQuery = (query: HitQuery): Prisma.Sql => Prisma.sql`
  WITH scored AS MATERIALIZED (
    SELECT image_id, seq, vector <#> ${query.vector}::vector AS distance
    FROM embedding WHERE ${sliceCondition(query)})
  SELECT image_id AS "imageId", seq, distance FROM scored
  WHERE ${afterCondition(query.after)}
  ORDER BY distance, seq LIMIT ${query.limit}::int`;

/** The query must repeat the index's own expression and condition, so both stand in it as literals. */
function askIndex(prisma: PrismaClient, query: HitQuery): Promise<Hit[]> {
  const expression = Prisma.raw(`(vector::vector(${query.dimensions}))`);
  const operand = Prisma.raw(`vector(${query.dimensions})`);
  const space = Prisma.raw(String(query.spaceId));
  const seek =
    query.after === null
      ? Prisma.sql`TRUE`
      : Prisma.sql`(${expression} <#> ${query.vector}::${operand}, seq)
          > (${query.after.distance}::float8, ${query.after.seq}::bigint)`;
  return prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL hnsw.iterative_scan = strict_order`;
    await tx.$executeRaw`SET LOCAL hnsw.ef_search = ${Prisma.raw(String(Math.min(1000, Math.max(100, query.limit * 2))))}`;
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
    await tx.$executeRaw`SET LOCAL enable_sort = off`;
    const hits = await tx.$queryRaw<Hit[]>(Prisma.sql`
      SELECT image_id AS "imageId", seq, ${expression} <#> ${query.vector}::${operand} AS distance
      FROM embedding
      WHERE space_id = ${space} AND ${sliceCondition(query)} AND ${seek}
      ORDER BY ${expression} <#> ${query.vector}::${operand}
      FETCH FIRST (${query.limit}::int) ROWS WITH TIES`);
    // The index orders by distance alone. So all that are as far as the last are read and the page is cut here: one
    // left out that came in before the last would lie before the next page's beginning too.
    return hits.sort((a, b) => a.distance - b.distance || (a.seq < b.seq ? -1 : 1)).slice(0, query.limit);
  });
}

async function readVectors(
  prisma: PrismaClient,
  spaceId: number,
  imageIds: readonly string[],
): Promise<Map<string, Float32Array>> {
  const rows = await prisma.$queryRaw<{ imageId: string; vector: string }[]>`
    SELECT image_id AS "imageId", vector::text AS vector FROM embedding
    WHERE space_id = ${spaceId}::int AND image_id = ANY(${[...imageIds]}::uuid[])`;
  return new Map(rows.map((row) => [row.imageId, parseVector(row.vector)]));
}

async function hasIndex(prisma: PrismaClient, spaceId: number): Promise<boolean> {
  const rows = await prisma.$queryRaw<unknown[]>`
    SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(${indexName(spaceId)}) AND indisvalid`;
  return rows.length > 0;
}

async function buildIndex(prisma: PrismaClient, spaceId: number, dimensions: number): Promise<void> {
  await prisma.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${INDEX_LOCK}::bigint)`;
      await tx.$executeRaw`SET LOCAL maintenance_work_mem = ${Prisma.raw(`'${INDEX_MEMORY}'`)}`;
      await tx.$executeRawUnsafe(
        `CREATE INDEX IF NOT EXISTS ${indexName(spaceId)} ON embedding
         USING hnsw ((vector::vector(${dimensions})) vector_ip_ops) WHERE space_id = ${spaceId}`,
      );
    },
    // An hour: millions of photos on a small machine.
    { timeout: 3_600_000, maxWait: 120_000 },
  );
}
