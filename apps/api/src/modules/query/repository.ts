import type { PrismaClient, Query } from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../platform/database/paging.js';

/** A query of a dataset, as it is stored. */
export type DatasetQuery = Query;

export interface QueryRepository {
  byIds(ids: readonly string[]): Promise<DatasetQuery[]>;
  /** Queries that mean a photo, in the order in which they came in. @param styles null for all. */
  pageOfImage(imageId: string, styles: readonly string[] | null, page: KeysetPage): Promise<DatasetQuery[]>;
  countOfImage(imageId: string, styles: readonly string[] | null): Promise<number>;
}

export function createQueryRepository(prisma: PrismaClient): QueryRepository {
  const meant = (imageId: string, styles: readonly string[] | null) => ({
    imageId,
    ...(styles && { style: { in: [...styles] } }),
  });
  return {
    byIds: (ids) => prisma.query.findMany({ where: { id: { in: [...ids] } } }),
    pageOfImage: (imageId, styles, { after, before, limit, inverted }) =>
      prisma.query.findMany({
        where: {
          ...meant(imageId, styles),
          id: { ...(after && { gt: after }), ...(before && { lt: before }) },
        },
        orderBy: { id: inverted ? 'desc' : 'asc' },
        take: limit,
      }),
    countOfImage: (imageId, styles) => prisma.query.count({ where: meant(imageId, styles) }),
  };
}
