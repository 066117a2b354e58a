import type { Prisma } from '../../generated/prisma/client.js';

/** For the transactions of a worker: far above what a batch takes; the library's own 5 seconds would be too little on
 *  a busy disk. */
export const JOB_TRANSACTION = { timeout: 120_000, maxWait: 120_000 } as const;

/** The lease went to another worker, so this one must stop without another word. */
export class LeaseLostError extends Error {
  constructor() {
    super('another worker has taken over the job');
    this.name = 'LeaseLostError';
  }
}

/** Makes sure, until the transaction ends, that `owner` is the one who works on the job. @throws {LeaseLostError} */
export async function holdLease(tx: Prisma.TransactionClient, jobId: string, owner: string): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM job WHERE id = ${jobId}::uuid AND lease_owner = ${owner}::uuid AND state = 'RUNNING' FOR UPDATE`;
  if (rows.length === 0) throw new LeaseLostError();
}

/** Adds a batch to the counts of its job, in the transaction that writes the batch: so nothing is counted twice. */
export async function addProgress(
  tx: Prisma.TransactionClient,
  { jobId, ratePerSecond }: { readonly jobId: string; readonly ratePerSecond: number | null },
  added: {
    readonly done: number;
    readonly rejected?: number;
    readonly duplicates?: number;
    readonly failed: number;
  },
): Promise<void> {
  const { done, rejected = 0, duplicates = 0, failed } = added;
  await tx.$executeRaw`
    UPDATE job SET done = done + ${done}::int, rejected = rejected + ${rejected}::int,
      duplicates = duplicates + ${duplicates}::int, failed = failed + ${failed}::int,
      rate_per_second = ${ratePerSecond}::float8,
      seconds_left = greatest(total - done - ${done}::int, 0) / nullif(${ratePerSecond}::float8, 0)
    WHERE id = ${jobId}::uuid`;
}
