import type { Image, PrismaClient } from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../graphql/paging.js';

export type { Image };

export interface ImageRepository {
  byIds(ids: readonly string[]): Promise<Image[]>;
  /** In the order in which they came in. */
  pageOfDataset(datasetId: string, page: KeysetPage): Promise<Image[]>;
}

export function createImageRepository(prisma: PrismaClient): ImageRepository {
  return {
    byIds: (ids) => prisma.image.findMany({ where: { id: { in: [...ids] } } }),
    // Ids are version 7 UUIDs: their order is the order of creation.
    pageOfDataset: (datasetId, { after, before, limit, inverted }) =>
      prisma.image.findMany({
        where: { datasetId, id: { ...(after && { gt: after }), ...(before && { lt: before }) } },
        orderBy: { id: inverted ? 'desc' : 'asc' },
        take: limit,
      }),
  };
}
