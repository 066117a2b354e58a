import type { ImportItem, ItemTally, Prisma, PrismaClient } from '../../generated/prisma/client.js';
import type { ItemState } from '../../generated/prisma/enums.js';
import type { KeysetPage } from '../../platform/database/paging.js';

export type { ImportItem, ItemState };

/** Items that came to another end than the wanted one. */
export type Tally = Pick<ItemTally, 'rejected' | 'duplicates' | 'failed'>;

export const NO_TALLY: Tally = { rejected: 0, duplicates: 0, failed: 0 };

/** Ledger entries that a person may want to look at. */
const REJECTED_STATES: ItemState[] = ['REJECTED', 'FAILED', 'DUPLICATE'];

/** What became of the single items of jobs: files of an import, pictures of a build. */
export interface LedgerRepository {
  rejects(jobId: string, page: KeysetPage): Promise<ImportItem[]>;
  countRejects(jobId: string): Promise<number>;
  /** Ledger entries of each state. */
  countStates(jobIds: readonly string[]): Promise<{ jobId: string; state: ItemState; count: number }[]>;
  /** Jobs of which nothing was turned away have none. */
  tallies(jobIds: readonly string[]): Promise<Map<string, Tally>>;
}

export const createLedgerRepository = (prisma: PrismaClient): LedgerRepository => ({
  rejects: (jobId, { after, before, limit, inverted }) =>
    prisma.importItem.findMany({
      where: {
        jobId,
        state: { in: REJECTED_STATES },
        ordinal: { ...(after && { gt: Number(after) }), ...(before && { lt: Number(before) }) },
      },
      orderBy: { ordinal: inverted ? 'desc' : 'asc' },
      take: limit,
    }),
  countRejects: (jobId) => prisma.importItem.count({ where: { jobId, state: { in: REJECTED_STATES } } }),
  async countStates(jobIds) {
    const rows = await prisma.importItem.groupBy({
      by: ['jobId', 'state'],
      where: { jobId: { in: [...jobIds] } },
      _count: true,
    });
    return rows.map(({ jobId, state, _count }) => ({ jobId, state, count: _count }));
  },
  async tallies(jobIds) {
    const rows = await prisma.itemTally.findMany({ where: { jobId: { in: [...jobIds] } } });
    return new Map(rows.map(({ jobId, ...tally }) => [jobId, tally]));
  },
});

/** Adds a batch to the tally of its job, in the transaction that writes the batch. */
export async function addTally(
  tx: Prisma.TransactionClient,
  jobId: string,
  { rejected = 0, duplicates = 0, failed = 0 }: Partial<Tally>,
): Promise<void> {
  if (rejected + duplicates + failed === 0) return;
  await tx.itemTally.upsert({
    where: { jobId },
    create: { jobId, rejected, duplicates, failed },
    update: {
      rejected: { increment: rejected },
      duplicates: { increment: duplicates },
      failed: { increment: failed },
    },
  });
}

/** Counts the ledger anew, for work that begins with entries concluded already. */
export async function setTally(tx: Prisma.TransactionClient, jobId: string, tally: Tally): Promise<void> {
  await tx.itemTally.upsert({ where: { jobId }, create: { jobId, ...tally }, update: tally });
}

/** Puts refused and failed items to work again. @returns how many. */
export async function requeueItems(tx: Prisma.TransactionClient, jobId: string): Promise<number> {
  const { count } = await tx.importItem.updateMany({
    where: { jobId, state: { in: ['REJECTED', 'FAILED'] } },
    data: { state: 'QUEUED', code: null, reason: null },
  });
  await tx.itemTally.updateMany({ where: { jobId }, data: { rejected: 0, failed: 0 } });
  return count;
}
