import type { Change, Prisma, PrismaClient } from '../../generated/prisma/client.js';
import { applyNotes, moveFollowers, moveStrays } from '../change/edit-sql.js';
import type { SplitPhoto } from './assign-splits.js';

export interface SplitRepository {
  /** Photos that are not deleted. */
  photos(datasetId: string): Promise<SplitPhoto[]>;
  /** Pairs of photos that look alike, as the last check found them. */
  alike(datasetId: string): Promise<(readonly [string, string])[]>;
  /** Moves photos and their queries, with the notes to undo it by, in one transaction. */
  apply(
    datasetId: string,
    assigned: ReadonlyMap<string, string>,
    input: Readonly<Record<string, unknown>>,
  ): Promise<Change>;
}

// As for other changes of 100,000 photos.
const TRANSACTION = { timeout: 1_800_000, maxWait: 120_000 } as const;

export const createSplitRepository = (prisma: PrismaClient): SplitRepository => ({
  photos: (datasetId) =>
    prisma.image.findMany({
      where: { datasetId, deletedAt: null },
      select: { id: true, contentHash: true },
    }),
  async alike(datasetId) {
    const rows = await prisma.nearDuplicate.findMany({
      where: { image: { datasetId } },
      select: { imageId: true, otherId: true },
    });
    return rows.map(({ imageId, otherId }) => [imageId, otherId] as const);
  },
  apply: (datasetId, assigned, input) =>
    prisma.$transaction(async (tx) => {
      // One change of a dataset at a time.
      await tx.$executeRaw`SELECT 1 FROM dataset WHERE id = ${datasetId}::uuid FOR NO KEY UPDATE`;
      const data = { datasetId, kind: 'SET_SPLIT', input: input as Prisma.InputJsonValue, count: 0 };
      const { id } = await tx.change.create({ data });
      const count = await noteSplits(tx, id, assigned);
      await tx.$executeRaw(applyNotes(id));
      await tx.$executeRaw(moveFollowers(id, 'split'));
      await tx.$executeRaw(moveStrays(id));
      return tx.change.update({ where: { id }, data: { count } });
    }, TRANSACTION),
});

/** A row for each photo that is not where it shall be, or that has a query which is not. Queries in the split of their
 *  photo are noted by id; those that stray from it each with the split that it comes from. */
const noteSplits = (
  tx: Prisma.TransactionClient,
  changeId: string,
  assigned: ReadonlyMap<string, string>,
): Promise<number> => tx.$executeRaw`
  WITH target AS MATERIALIZED (
    SELECT id, split FROM unnest(${[...assigned.keys()]}::uuid[], ${[...assigned.values()]}::text[]) AS t(id, split)),
  held AS MATERIALIZED (
    SELECT i.id, i.split FROM image i JOIN target t ON t.id = i.id ORDER BY i.id FOR NO KEY UPDATE OF i),
  queries AS MATERIALIZED (
    SELECT h.id,
      jsonb_agg(q.id) FILTER (WHERE q.split IS NOT DISTINCT FROM h.split) AS following,
      jsonb_object_agg(q.id, q.split) FILTER (WHERE q.split IS DISTINCT FROM h.split) AS straying,
      bool_or(q.split IS DISTINCT FROM t.split) AS astray
    FROM held h JOIN target t ON t.id = h.id JOIN query q ON q.image_id = h.id GROUP BY h.id)
  INSERT INTO change_item (change_id, image_id, before, after)
  SELECT ${changeId}::uuid, h.id,
    jsonb_build_object('split', h.split)
      || CASE WHEN q.following IS NULL THEN '{}' ELSE jsonb_build_object('splitQueries', q.following) END
      || CASE WHEN q.straying IS NULL THEN '{}' ELSE jsonb_build_object('strayQueries', q.straying) END,
    jsonb_build_object('split', t.split)
  FROM held h JOIN target t ON t.id = h.id LEFT JOIN queries q ON q.id = h.id
  WHERE h.split IS DISTINCT FROM t.split OR q.astray`;
