import type { EmbeddingSpace, LiveEncoder, PrismaClient } from '../../generated/prisma/client.js';

/** An embedding space with what stands for it. */
export interface SpaceRow extends EmbeddingSpace {
  readonly live: LiveEncoder | null;
}

export interface SpaceCounts {
  /** Photos with a vector, and photos without one. */
  readonly vectors: number;
  readonly missing: number;
  /** What its vectors and their index take on the disk. */
  readonly bytes: number;
}

export interface SpaceRepository {
  all(): Promise<SpaceRow[]>;
  byIds(ids: readonly number[]): Promise<SpaceRow[]>;
  counts(ids: readonly number[]): Promise<Map<number, SpaceCounts>>;
  /** Deletes a space with its vectors and their index. @returns false for the one that is searched. */
  delete(id: number): Promise<boolean>;
}

export const createSpaceRepository = (prisma: PrismaClient): SpaceRepository => ({
  all: () => prisma.embeddingSpace.findMany({ include: { live: true }, orderBy: { id: 'asc' } }),
  byIds: (ids) =>
    prisma.embeddingSpace.findMany({ where: { id: { in: [...ids] } }, include: { live: true } }),
  async counts(ids) {
    const rows = await prisma.$queryRaw<
      { id: number; vectors: bigint; photos: bigint; held: bigint; bytes: bigint }[]
    >`
      SELECT s.id, (SELECT count(*) FROM image WHERE deleted_at IS NULL) AS photos,
        (SELECT count(*) FROM embedding e WHERE e.space_id = s.id) AS vectors,
        (SELECT count(*) FROM embedding e JOIN image i ON i.id = e.image_id AND i.deleted_at IS NULL
          WHERE e.space_id = s.id) AS held,
        coalesce((SELECT sum(pg_column_size(e.*)) FROM embedding e WHERE e.space_id = s.id), 0)::bigint
          + coalesce((SELECT sum(pg_relation_size(c.oid)) FROM pg_class c
            WHERE c.relname LIKE 'embedding\\_hnsw\\_' || s.id || '\\_%'), 0)::bigint AS bytes
      FROM embedding_space s WHERE s.id = ANY(${[...ids]}::int[])`;
    return new Map(
      rows.map(({ id, vectors, photos, held, bytes }) => [
        id,
        { vectors: Number(vectors), missing: Number(photos - held), bytes: Number(bytes) },
      ]),
    );
  },
  delete: (id) =>
    prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM live_encoder FOR UPDATE`;
        const pointer = await tx.liveEncoder.findUnique({ where: { spaceId: id } });
        if (pointer?.answers === true) return false;
        const indexes = await tx.$queryRaw<{ name: string }[]>`
          SELECT c.relname AS name FROM pg_class c
          WHERE c.relname LIKE 'embedding\\_hnsw\\_' || ${id}::int || '\\_%'`;
        for (const { name } of indexes) await tx.$executeRawUnsafe(`DROP INDEX IF EXISTS "${name}"`);
        await tx.embeddingSpace.delete({ where: { id } });
        return true;
      },
      { timeout: 600_000, maxWait: 120_000 },
    ),
});
