import type { Prisma } from '../../generated/prisma/client.js';

const SEQUENCE_LOCK = 7_303_014_019;

/** Holds, until the transaction ends, the lock that every writer of vectors takes. One writer at a time from numbering
 *  to commit: so numbers become visible in their order, and a bound is a snapshot. */
export async function holdSequence(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SEQUENCE_LOCK}::bigint)`;
}
