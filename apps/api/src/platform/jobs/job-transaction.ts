import type { Prisma } from '../../generated/prisma/client.js';
import { LeaseLostError } from './job-errors.js';

/** For the transactions of a worker: far above what a batch takes; the library's own 5 seconds would be too little on
 *  a busy disk. */
export const JOB_TRANSACTION = { timeout: 120_000, maxWait: 120_000 } as const;

/** Makes sure, until the transaction ends, that `owner` is the one who works on the job. @throws {LeaseLostError} */
export async function holdLease(tx: Prisma.TransactionClient, jobId: string, owner: string): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM job WHERE id = ${jobId}::uuid AND lease_owner = ${owner}::uuid AND state = 'RUNNING' FOR UPDATE`;
  if (rows.length === 0) throw new LeaseLostError();
}

export interface Added {
  readonly jobId: string;
  /** Items that were concluded by this batch. */
  readonly done: number;
  readonly ratePerSecond: number | null;
}

/** Adds a batch to the progress of its job, in the transaction that writes the batch: so nothing is counted twice. */
export async function addProgress(
  tx: Prisma.TransactionClient,
  { jobId, done, ratePerSecond }: Added,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE job SET done = done + ${done}::int, rate_per_second = ${ratePerSecond}::float8,
      seconds_left = greatest(total - done - ${done}::int, 0) / nullif(${ratePerSecond}::float8, 0),
      setbacks = CASE WHEN ${done}::int > 0 THEN 0 ELSE setbacks END
    WHERE id = ${jobId}::uuid`;
}

/** Sets the counts that a run begins with. */
export async function setProgress(
  tx: Prisma.TransactionClient,
  { jobId, total, done }: { readonly jobId: string; readonly total: number; readonly done: number },
): Promise<void> {
  await tx.job.update({ where: { id: jobId }, data: { total, done } });
}
