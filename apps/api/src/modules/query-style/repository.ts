import type { PrismaClient } from '../../generated/prisma/client.js';
import type { QueryOrigin } from '../../generated/prisma/enums.js';

/** Queries of a dataset of one style that came the same way. */
export interface QueryStyle {
  readonly style: string;
  readonly origin: QueryOrigin;
  /** Null for what an import brought. */
  readonly maker: string | null;
  readonly queryCount: number;
  /** Photos that one of them means. */
  readonly photoCount: number;
}

export interface QueryStyleRepository {
  /** Without queries that mean deleted photos; the most frequent first. */
  ofDatasets(datasetIds: readonly string[]): Promise<Map<string, QueryStyle[]>>;
}

export const createQueryStyleRepository = (prisma: PrismaClient): QueryStyleRepository => ({
  async ofDatasets(datasetIds) {
    const rows = await prisma.$queryRaw<(QueryStyle & { datasetId: string })[]>`
      SELECT q.dataset_id::text AS "datasetId", q.style, q.origin::text AS origin, q.maker,
        count(*)::int AS "queryCount", count(DISTINCT q.image_id)::int AS "photoCount"
      FROM query q LEFT JOIN image i ON i.id = q.image_id
      WHERE q.dataset_id = ANY(${[...datasetIds]}::uuid[]) AND (q.image_id IS NULL OR i.deleted_at IS NULL)
      GROUP BY q.dataset_id, q.style, q.origin, q.maker
      ORDER BY count(*) DESC, q.style, q.maker NULLS FIRST`;
    const found = new Map<string, QueryStyle[]>(datasetIds.map((id) => [id, []]));
    for (const { datasetId, ...style } of rows) found.get(datasetId)?.push(style);
    return found;
  },
});
