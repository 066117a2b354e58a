import type { Prisma, PrismaClient } from '../../generated/prisma/client.js';

/** Lets the planner see what bulk work has left in the tables of photos. The embedded database never looks by itself,
 *  and would read and sort all of a dataset to show its first page. Takes a second or two, whatever the size. */
export async function refreshStatistics(client: PrismaClient | Prisma.TransactionClient): Promise<void> {
  await client.$executeRaw`ANALYZE image, query, embedding, near_duplicate, change_item, import_item`;
}
