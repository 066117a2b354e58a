import { Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import type { KeysetPage, ListKey } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { holdLease } from '../../platform/jobs/job-transaction.js';
import type { IndexSegment } from '../search/find/vector-index.js';

/** Two photos that look alike, `imageId < otherId`. */
export interface LikePair {
  readonly imageId: string;
  readonly otherId: string;
  /** Bits in which the perceptual hashes differ; null where vectors alone named the pair. */
  readonly hashBits: number | null;
  /** Cosine of the vectors; null where they are not near. */
  readonly similarity: number | null;
}

export interface HashedPhoto {
  readonly id: string;
  readonly hash: bigint;
}

export interface VectorNeighbour {
  readonly imageId: string;
  readonly otherId: string;
  readonly similarity: number;
}

export interface NeighbourQuery {
  readonly datasetId: string;
  readonly spaceId: number;
  readonly dimensions: number;
  /** The pieces of the vector index; none where all are compared. */
  readonly segments: readonly IndexSegment[];
  readonly imageIds: readonly string[];
  /** Neighbours asked for, of each photo. */
  readonly limit: number;
  /** Cosine from which on photos are near. */
  readonly similarity: number;
}

export interface CheckOutcome {
  readonly jobId: string;
  readonly owner: string;
  readonly datasetId: string;
  readonly pairs: readonly LikePair[];
}

export interface CheckRepository {
  countPhotos(datasetId: string): Promise<number>;
  photosAfter(datasetId: string, afterId: string | null, limit: number): Promise<string[]>;
  /** Photos that came in before hashes were known. */
  withoutHash(
    datasetId: string,
    afterId: string | null,
    limit: number,
  ): Promise<{ id: string; contentHash: string }[]>;
  /** Null for a photo that is not there. */
  contentHashOf(id: string): Promise<string | null>;
  setHashes(hashes: readonly HashedPhoto[]): Promise<void>;
  hashesAfter(datasetId: string, afterId: string | null, limit: number): Promise<HashedPhoto[]>;
  /** Of each photo given the nearest by vector. */
  neighbours(query: NeighbourQuery): Promise<VectorNeighbour[]>;
  /** Puts these pairs in the place of all that were found before, in one transaction. @throws {LeaseLostError} */
  replace(outcome: CheckOutcome): Promise<void>;
  /** Pairs of photos that are not deleted and whose splits differ, nearest copies first by id. */
  leaks(datasetId: string, page: KeysetPage): Promise<LikePair[]>;
  countLeaks(datasetId: string): Promise<number>;
  /** Photos that are not deleted and look like another one that is not. */
  countLikePhotos(datasetIds: readonly string[]): Promise<Map<string, number>>;
  /** When the last check that came to its end did so. */
  checkedAt(datasetIds: readonly string[]): Promise<Map<string, Date>>;
}

// Above what 2 million pairs take.
const TRANSACTION = { timeout: 600_000, maxWait: 120_000 } as const;
const INSERTED_AT_ONCE = 5000;

export const createCheckRepository = (prisma: PrismaClient): CheckRepository => ({
  ...hashing(prisma),
  ...searching(prisma),
  ...answers(prisma),
});

type Hashing = 'countPhotos' | 'photosAfter' | 'withoutHash' | 'contentHashOf' | 'setHashes' | 'hashesAfter';

const hashing = (prisma: PrismaClient): Pick<CheckRepository, Hashing> => ({
  countPhotos: (datasetId) => prisma.image.count({ where: { datasetId, deletedAt: null } }),
  async photosAfter(datasetId, afterId, limit) {
    const rows = await prisma.image.findMany({
      where: { datasetId, deletedAt: null, ...(afterId && { id: { gt: afterId } }) },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  },
  withoutHash: (datasetId, afterId, limit) =>
    prisma.image.findMany({
      where: {
        datasetId,
        deletedAt: null,
        perceptualHash: null,
        ...(afterId && { id: { gt: afterId } }),
      },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true, contentHash: true },
    }),
  contentHashOf: async (id) =>
    (await prisma.image.findUnique({ where: { id }, select: { contentHash: true } }))?.contentHash ?? null,
  async setHashes(hashes) {
    await prisma.$executeRaw`
      UPDATE image SET perceptual_hash = u.hash
      FROM unnest(${hashes.map(({ id }) => id)}::uuid[], ${hashes.map(({ hash }) => String(hash))}::text[]::bigint[])
        AS u(id, hash)
      WHERE image.id = u.id`;
  },
  async hashesAfter(datasetId, afterId, limit) {
    const rows = await prisma.image.findMany({
      where: {
        datasetId,
        deletedAt: null,
        perceptualHash: { not: null },
        ...(afterId && { id: { gt: afterId } }),
      },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true, perceptualHash: true },
    });
    return rows.map(({ id, perceptualHash }) => ({ id, hash: perceptualHash ?? 0n }));
  },
});

type Searching = 'neighbours' | 'replace';

const searching = (prisma: PrismaClient): Pick<CheckRepository, Searching> => ({
  neighbours: (query) =>
    prisma.$transaction(async (tx) => {
      if (query.segments.length > 0) {
        await tx.$executeRaw`SET LOCAL hnsw.iterative_scan = strict_order`;
        await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
        await tx.$executeRaw`SET LOCAL enable_sort = off`;
      }
      return tx.$queryRaw<VectorNeighbour[]>(neighbourQuery(query));
    }, TRANSACTION),
  replace: ({ jobId, owner, datasetId, pairs }) =>
    prisma.$transaction(async (tx) => {
      await holdLease(tx, jobId, owner);
      await tx.$executeRaw`
        DELETE FROM near_duplicate n USING image i WHERE i.id = n.image_id AND i.dataset_id = ${datasetId}::uuid`;
      for (let at = 0; at < pairs.length; at += INSERTED_AT_ONCE) {
        await insertPairs(tx, pairs.slice(at, at + INSERTED_AT_ONCE));
      }
    }, TRANSACTION),
});

// Photos that went away meanwhile are passed over.
async function insertPairs(tx: Prisma.TransactionClient, pairs: readonly LikePair[]): Promise<void> {
  const column = <K extends keyof LikePair>(key: K) => pairs.map((pair) => pair[key]);
  await tx.$executeRaw`
    INSERT INTO near_duplicate (image_id, other_id, hash_bits, similarity)
    SELECT u.image_id, u.other_id, u.hash_bits, u.similarity
    FROM unnest(${column('imageId')}::uuid[], ${column('otherId')}::uuid[], ${column('hashBits')}::int[],
      ${column('similarity')}::float8[]) AS u(image_id, other_id, hash_bits, similarity)
    JOIN image i ON i.id = u.image_id JOIN image o ON o.id = u.other_id`;
}

/** The index is only used where its own expression and condition stand in the query, as literals. Vectors have length
 *  1, so that their inner product is the cosine. */
function neighbourQuery(query: NeighbourQuery): Prisma.Sql {
  const typed = (table: string) => Prisma.raw(`(${table}.vector::vector(${query.dimensions}))`);
  const space = Prisma.raw(String(query.spaceId));
  const piece = (range: Prisma.Sql) => Prisma.sql`(
      SELECT e.image_id, ${typed('e')} <#> ${typed('a')} AS distance FROM embedding e
      WHERE e.space_id = ${space} AND ${range} AND e.dataset_id = ${query.datasetId}::uuid
      ORDER BY ${typed('e')} <#> ${typed('a')} LIMIT ${query.limit + 1}::int)`;
  const last = query.segments.at(-1)?.to ?? 0n;
  const pieces = [
    ...query.segments.map(({ from, to }) => piece(Prisma.raw(`e.seq > ${from} AND e.seq <= ${to}`))),
    piece(Prisma.raw(`e.seq > ${last}`)),
  ];
  return Prisma.sql`
    SELECT a.image_id AS "imageId", near.image_id AS "otherId", -near.distance AS similarity
    FROM (SELECT image_id, vector FROM embedding
          WHERE space_id = ${space} AND image_id = ANY(${[...query.imageIds]}::uuid[]) OFFSET 0) AS a
    CROSS JOIN LATERAL (${Prisma.join(pieces, ' UNION ALL ')}) AS near
    WHERE near.image_id <> a.image_id AND -near.distance >= ${query.similarity}::float8`;
}

type Answers = 'leaks' | 'countLeaks' | 'countLikePhotos' | 'checkedAt';

const LEAK = Prisma.sql`i.deleted_at IS NULL AND o.deleted_at IS NULL AND i.split <> o.split`;

const answers = (prisma: PrismaClient): Pick<CheckRepository, Answers> => ({
  async leaks(datasetId, { after, before, limit, inverted }) {
    const bounds = [
      Prisma.sql`i.dataset_id = ${datasetId}::uuid AND ${LEAK}`,
      ...(after ? [Prisma.sql`(n.image_id, n.other_id) > ${pairKey(after)}`] : []),
      ...(before ? [Prisma.sql`(n.image_id, n.other_id) < ${pairKey(before)}`] : []),
    ];
    const direction = inverted ? Prisma.sql`DESC` : Prisma.sql`ASC`;
    return prisma.$queryRaw<LikePair[]>`
      SELECT n.image_id AS "imageId", n.other_id AS "otherId", n.hash_bits AS "hashBits", n.similarity
      FROM near_duplicate n JOIN image i ON i.id = n.image_id JOIN image o ON o.id = n.other_id
      WHERE ${Prisma.join(bounds, ' AND ')}
      ORDER BY n.image_id ${direction}, n.other_id ${direction} LIMIT ${limit}::int`;
  },
  async countLeaks(datasetId) {
    const [row] = await prisma.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count
      FROM near_duplicate n JOIN image i ON i.id = n.image_id JOIN image o ON o.id = n.other_id
      WHERE i.dataset_id = ${datasetId}::uuid AND ${LEAK}`;
    return row?.count ?? 0;
  },
  async countLikePhotos(datasetIds) {
    const rows = await prisma.$queryRaw<{ id: string; count: number }[]>`
      SELECT dataset_id AS id, count(*)::int AS count FROM (
        SELECT i.dataset_id, unnest(ARRAY[n.image_id, n.other_id]) AS photo
        FROM near_duplicate n JOIN image i ON i.id = n.image_id JOIN image o ON o.id = n.other_id
        WHERE i.dataset_id = ANY(${[...datasetIds]}::uuid[]) AND i.deleted_at IS NULL AND o.deleted_at IS NULL
        GROUP BY 1, 2) AS alike
      GROUP BY 1`;
    return new Map(rows.map(({ id, count }) => [id, count]));
  },
  async checkedAt(datasetIds) {
    const rows = await prisma.job.groupBy({
      by: ['datasetId'],
      where: { datasetId: { in: [...datasetIds] }, kind: 'CHECK', state: 'SUCCEEDED' },
      _max: { finishedAt: true },
    });
    return new Map(
      rows.flatMap(({ datasetId, _max }) =>
        datasetId && _max.finishedAt ? [[datasetId, _max.finishedAt] as const] : [],
      ),
    );
  },
});

/** Pairs are ordered by the ids of both photos. */
export const PAIR_KEY: ListKey<LikePair> = {
  of: ({ imageId, otherId }) => `${imageId}:${otherId}`,
  isKey: (text) => text.split(':').length === 2 && text.split(':').every(isUuid),
};

function pairKey(text: string): Prisma.Sql {
  const [imageId = '', otherId = ''] = text.split(':');
  return Prisma.sql`(${imageId}::uuid, ${otherId}::uuid)`;
}
