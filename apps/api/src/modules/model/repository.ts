import type { PrismaClient } from '../../generated/prisma/client.js';

export interface NewSpace {
  readonly spaceHash: string;
  readonly modelName: string;
  readonly dimensions: number;
}

export interface ModelRepository {
  /** Registers an embedding space, or finds it. @returns its number and the dimensions it was registered with. */
  ensureSpace(space: NewSpace): Promise<{ id: number; dimensions: number }>;
}

export const createModelRepository = (prisma: PrismaClient): ModelRepository => ({
  async ensureSpace(space) {
    await prisma.embeddingSpace.createMany({ data: [space], skipDuplicates: true });
    return prisma.embeddingSpace.findUniqueOrThrow({
      where: { spaceHash: space.spaceHash },
      select: { id: true, dimensions: true },
    });
  },
});
