import { randomBytes } from 'node:crypto';
import type { PrismaClient } from '../../generated/prisma/client.js';

/** What this installation signs with: made at the first use, the same for all of its processes and after every restart.
 *  @param name what it is for: each use has its own. @returns 32 bytes. */
export function createServerSecret(prisma: PrismaClient, name: string): () => Promise<Uint8Array> {
  let known: Promise<Uint8Array> | null = null;
  const read = async (): Promise<Uint8Array> => {
    await prisma.serverSecret.createMany({ data: { name, value: randomBytes(32) }, skipDuplicates: true });
    return (await prisma.serverSecret.findUniqueOrThrow({ where: { name } })).value;
  };
  return () => {
    known ??= read().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}
