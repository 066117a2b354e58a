import type { PrismaClient, UploadSession } from '../../generated/prisma/client.js';

export type { UploadSession };

export interface NewUploadSession {
  readonly datasetId: string;
  readonly expectedFiles: number;
  readonly expectedBytes: number;
}

export interface UploadRepository {
  byIds(ids: readonly string[]): Promise<UploadSession[]>;
  /** Those that still wait for files, newest first. */
  open(limit: number): Promise<UploadSession[]>;
  create(session: NewUploadSession): Promise<UploadSession>;
  /** Nothing more is taken in; `jobId` is the import that has the files. */
  close(id: string, jobId: string): Promise<void>;
  delete(id: string): Promise<void>;
  /** Deletes a dataset that was made for an upload and never got anything. */
  deleteEmptyDataset(datasetId: string): Promise<void>;
  /** Whether the import that took the files over ended with nothing left to try again. */
  isImported(id: string): Promise<boolean>;
  /** Whether an import of the files is not finished, though it may have been paused long ago. */
  isBeingImported(id: string): Promise<boolean>;
}

export function createUploadRepository(prisma: PrismaClient): UploadRepository {
  return {
    byIds: (ids) => prisma.uploadSession.findMany({ where: { id: { in: [...ids] } } }),
    // Ids are version 7 UUIDs: their order is the order of creation.
    open: (limit) =>
      prisma.uploadSession.findMany({ where: { state: 'OPEN' }, orderBy: { id: 'desc' }, take: limit }),
    create: ({ expectedBytes, ...session }) =>
      prisma.uploadSession.create({ data: { ...session, expectedBytes: BigInt(expectedBytes) } }),
    async close(id, jobId) {
      await prisma.uploadSession.updateMany({ where: { id }, data: { state: 'CLOSED', jobId } });
    },
    async delete(id) {
      await prisma.uploadSession.deleteMany({ where: { id } });
    },
    async deleteEmptyDataset(id) {
      // Only an upload makes a dataset before there is a job for it.
      await prisma.dataset.deleteMany({
        where: {
          id,
          sourcePath: null,
          jobs: { none: {} },
          images: { none: {} },
          queries: { none: {} },
          uploads: { none: {} },
        },
      });
    },
    async isImported(id) {
      const job = await jobOf(prisma, id);
      if (job?.state !== 'SUCCEEDED') return false;
      const tally = await prisma.itemTally.findUnique({ where: { jobId: job.id } });
      return tally === null || tally.rejected + tally.failed === 0;
    },
    async isBeingImported(id) {
      const job = await jobOf(prisma, id);
      return job !== null && job.finishedAt === null;
    },
  };
}

async function jobOf(prisma: PrismaClient, id: string) {
  const session = await prisma.uploadSession.findUnique({ where: { id } });
  return session?.jobId ? prisma.job.findUnique({ where: { id: session.jobId } }) : null;
}
