import type { Change, Prisma, PrismaClient } from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { refreshStatistics } from '../../platform/database/refresh-statistics.js';
import { type ImageSelection, selectionCondition } from '../photo/selection.js';
import { holdSequence } from '../photo/sequence-lock.js';
import type { ChangeKind, Edit } from './edit.js';
import { applyNotes, moveFollowers, noteEdit, parkVectors, undoNotes, unparkVectors } from './edit-sql.js';

export type { Change };

export interface NewChange {
  readonly kind: ChangeKind;
  readonly edit: Edit;
  readonly selection: ImageSelection;
  /** The live embedding space, which the states of the filter are meant by; null while there is none. */
  readonly spaceId: number | null;
  /** What was asked, to be kept. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Undoing {
  readonly change: Change;
  /** Photos with something put back. */
  readonly restored: number;
  /** Photos with a field that somebody changed since, which was left alone. */
  readonly skipped: number;
}

export interface ChangeRepository {
  byIds(ids: readonly string[]): Promise<Change[]>;
  /** Changes that changed something, newest first. */
  pageOfDataset(datasetId: string, page: KeysetPage): Promise<Change[]>;
  countOfDataset(datasetId: string): Promise<number>;
  /** Photos, their queries, vectors and the notes to undo it by in one transaction. Null without the dataset. */
  apply(change: NewChange): Promise<Change | null>;
  /** Null if it was undone before. */
  undo(change: Change): Promise<Undoing | null>;
}

// 100,000 photos take half a minute in the embedded database, and longer where vectors go back into a large index.
const TRANSACTION = { timeout: 1_800_000, maxWait: 120_000 } as const;

// From here on a change may turn what is usual in a dataset.
const MANY = 1000;

const NOT_EMPTY = { count: { gt: 0 } } as const;

export function createChangeRepository(prisma: PrismaClient): ChangeRepository {
  return {
    byIds: (ids) => prisma.change.findMany({ where: { id: { in: [...ids] } } }),
    // Ids are version 7 UUIDs: their order is the order of creation.
    pageOfDataset: (datasetId, { after, before, limit, inverted }) =>
      prisma.change.findMany({
        where: {
          datasetId,
          ...NOT_EMPTY,
          id: { ...(after && { lt: after }), ...(before && { gt: before }) },
        },
        orderBy: { id: inverted ? 'asc' : 'desc' },
        take: limit,
      }),
    countOfDataset: (datasetId) => prisma.change.count({ where: { datasetId, ...NOT_EMPTY } }),
    async apply(wanted) {
      const change = await prisma.$transaction((tx) => apply(tx, wanted), TRANSACTION);
      if (change !== null && change.count >= MANY) await refreshStatistics(prisma);
      return change;
    },
    undo: (change) => prisma.$transaction((tx) => undo(tx, change), TRANSACTION),
  };
}

async function apply(tx: Prisma.TransactionClient, wanted: NewChange): Promise<Change | null> {
  const { kind, edit, selection, spaceId, input } = wanted;
  const { datasetId } = selection;
  if (!(await holdDataset(tx, datasetId))) return null;
  const data = { datasetId, kind, input: input as Prisma.InputJsonValue, count: 0 };
  const { id } = await tx.change.create({ data });
  const count = await tx.$executeRaw(noteEdit(id, edit, selectionCondition(selection, spaceId)));
  if (count > 0) {
    await tx.$executeRaw(applyNotes(id));
    if (edit.split !== undefined) await tx.$executeRaw(moveFollowers(id, 'split'));
    if (edit.class !== undefined) await tx.$executeRaw(moveFollowers(id, 'class'));
    if (edit.deleted !== undefined) await moveVectors(tx, id);
  }
  return tx.change.update({ where: { id }, data: { count } });
}

async function undo(tx: Prisma.TransactionClient, { id, datasetId }: Change): Promise<Undoing | null> {
  await holdDataset(tx, datasetId);
  const marked = await tx.change.updateManyAndReturn({
    where: { id, undoneAt: null },
    data: { undoneAt: new Date() },
  });
  const [change] = marked;
  if (change === undefined) return null;
  const [counts] = await tx.$queryRaw<{ restored: number; skipped: number }[]>(undoNotes(id));
  if (counts === undefined) throw new Error('undoing counted nothing');
  await moveVectors(tx, id);
  return { change, ...counts };
}

/** One change of a dataset at a time, so that none works on what another is about to change. Imports, which only
 *  refer to the row, are not held up. */
async function holdDataset(tx: Prisma.TransactionClient, datasetId: string): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM dataset WHERE id = ${datasetId}::uuid FOR NO KEY UPDATE`;
  return found.length > 0;
}

/** Makes the vectors of a change's photos be where their deletion says. */
async function moveVectors(tx: Prisma.TransactionClient, changeId: string): Promise<void> {
  // Vectors that are just now being stored for these photos are seen once the lock is ours.
  await holdSequence(tx);
  await tx.$executeRaw(parkVectors(changeId));
  await tx.$executeRaw(unparkVectors(changeId));
}
