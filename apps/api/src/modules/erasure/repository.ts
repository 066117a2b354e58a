import type { PrismaClient } from '../../generated/prisma/client.js';
import { holdSequence } from '../photo/sequence-lock.js';

/** What was erased, and the pictures that it had. */
export interface Erased {
  readonly count: number;
  readonly hashes: readonly string[];
}

export interface ErasureRepository {
  /** Photos that were deleted before a moment, the oldest first. */
  deletedBefore(moment: Date, limit: number): Promise<{ readonly id: string; readonly datasetId: string }[]>;
  /** Deletes rows of photos that are deleted, with all that refers to them, in one transaction. Others stay. */
  erase(datasetId: string, imageIds: readonly string[]): Promise<Erased>;
  /** Those of some pictures that no row has any more. */
  unused(hashes: readonly string[]): Promise<string[]>;
}

const TRANSACTION = { timeout: 600_000, maxWait: 120_000 } as const;

export function createErasureRepository(prisma: PrismaClient): ErasureRepository {
  return {
    deletedBefore: (moment, limit) =>
      prisma.image.findMany({
        where: { deletedAt: { lt: moment } },
        orderBy: { deletedAt: 'asc' },
        select: { id: true, datasetId: true },
        take: limit,
      }),
    erase: (datasetId, imageIds) =>
      prisma.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM dataset WHERE id = ${datasetId}::uuid FOR NO KEY UPDATE`;
        const images = await tx.image.findMany({
          where: { id: { in: [...imageIds] }, datasetId, deletedAt: { not: null } },
          select: { id: true, contentHash: true },
        });
        const ids = images.map(({ id }) => id);
        const queries = await tx.query.findMany({
          where: { imageId: { in: ids } },
          select: { id: true, contentHash: true },
        });
        const itemIds = [...ids, ...queries.map(({ id }) => id)];
        await holdSequence(tx);
        // What was copied from them, and is tied by no foreign key.
        await tx.versionEntry.deleteMany({ where: { itemId: { in: itemIds } } });
        await tx.changeItem.deleteMany({ where: { imageId: { in: ids } } });
        await tx.judgement.deleteMany({ where: { imageId: { in: ids } } });
        await tx.$executeRaw`
          UPDATE import_item SET path = '(erased)', metadata = NULL, content_hash = NULL, image_id = NULL, reason = NULL
          WHERE image_id = ANY(${ids}::uuid[])`;
        // Their queries, vectors and likenesses go with them.
        const { count } = await tx.image.deleteMany({ where: { id: { in: ids } } });
        const hashes = [...images, ...queries].flatMap(({ contentHash }) => contentHash ?? []);
        return { count, hashes: [...new Set(hashes)] };
      }, TRANSACTION),
    async unused(hashes) {
      const rows = await prisma.$queryRaw<{ hash: string }[]>`
        SELECT h AS hash FROM unnest(${[...hashes]}::text[]) h
        WHERE NOT EXISTS (SELECT 1 FROM image i WHERE i.content_hash = h::bpchar)
          AND NOT EXISTS (SELECT 1 FROM query q WHERE q.content_hash = h::bpchar)`;
      return rows.map(({ hash }) => hash);
    },
  };
}
