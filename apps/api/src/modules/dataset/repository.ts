import type { Dataset, PrismaClient } from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../platform/database/paging.js';

export type { Dataset };

export interface DatasetCounts {
  readonly images: number;
  readonly queries: number;
  /** Photos with a vector in the live embedding space. */
  readonly indexed: number;
  /** Files that the latest import would not take. */
  readonly rejected: number;
}

export interface NewDataset {
  readonly name: string;
  readonly description: string | null;
  readonly sourcePath: string | null;
}

export interface DatasetRepository {
  byIds(ids: readonly string[]): Promise<Dataset[]>;
  byName(name: string): Promise<Dataset | null>;
  bySourcePath(path: string): Promise<Dataset[]>;
  /** Newest first. */
  /** @param only rows to choose from; null for all. */
  page(page: KeysetPage, only?: readonly string[] | null): Promise<Dataset[]>;
  count(): Promise<number>;
  /** Returns null if the name is taken. */
  create(dataset: NewDataset): Promise<Dataset | null>;
  counts(ids: readonly string[], spaceId: number | null): Promise<Map<string, DatasetCounts>>;
}

export function createDatasetRepository(prisma: PrismaClient): DatasetRepository {
  return {
    byIds: (ids) => prisma.dataset.findMany({ where: { id: { in: [...ids] } } }),
    byName: (name) => prisma.dataset.findUnique({ where: { name } }),
    bySourcePath: (sourcePath) => prisma.dataset.findMany({ where: { sourcePath }, orderBy: { id: 'asc' } }),
    // Ids are version 7 UUIDs: their order is the order of creation.
    page: ({ after, before, limit, inverted }, only = null) =>
      prisma.dataset.findMany({
        where: {
          id: {
            ...(after && { lt: after }),
            ...(before && { gt: before }),
            ...(only && { in: [...only] }),
          },
        },
        orderBy: { id: inverted ? 'asc' : 'desc' },
        take: limit,
      }),
    count: () => prisma.dataset.count(),
    async create(data) {
      // Not a caught violation: that would end a surrounding transaction.
      const [created] = await prisma.dataset.createManyAndReturn({ data: [data], skipDuplicates: true });
      return created ?? null;
    },
    counts: (ids, spaceId) => countAll(prisma, ids, spaceId),
  };
}

interface CountRow {
  readonly id: string;
  readonly images: bigint;
  readonly queries: bigint;
  readonly indexed: bigint;
  readonly rejected: bigint;
}

async function countAll(
  prisma: PrismaClient,
  ids: readonly string[],
  spaceId: number | null,
): Promise<Map<string, DatasetCounts>> {
  const rows = await prisma.$queryRaw<CountRow[]>`
    SELECT d.id,
      (SELECT count(*) FROM image i WHERE i.dataset_id = d.id AND i.deleted_at IS NULL) AS images,
      (SELECT count(*) FROM query q WHERE q.dataset_id = d.id AND NOT EXISTS (
        SELECT 1 FROM image i WHERE i.id = q.image_id AND i.deleted_at IS NOT NULL)) AS queries,
      (SELECT count(*) FROM embedding e WHERE e.dataset_id = d.id AND e.space_id = ${spaceId}::int) AS indexed,
      coalesce((SELECT t.rejected FROM job j LEFT JOIN item_tally t ON t.job_id = j.id WHERE j.dataset_id = d.id AND j.kind = 'IMPORT'
                ORDER BY j.created_at DESC, j.id DESC LIMIT 1), 0)::bigint AS rejected
    FROM dataset d WHERE d.id = ANY(${[...ids]}::uuid[])`;
  return new Map(
    rows.map((row) => [
      row.id,
      {
        images: Number(row.images),
        queries: Number(row.queries),
        indexed: Number(row.indexed),
        rejected: Number(row.rejected),
      },
    ]),
  );
}
