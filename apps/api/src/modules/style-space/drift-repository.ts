import type { PrismaClient, StyleDrift } from '../../generated/prisma/client.js';

export type { StyleDrift };

/** What was counted of one cluster on one day. */
export interface Counted {
  readonly spaceId: string;
  readonly day: Date;
  readonly cluster: string;
  readonly count: number;
  readonly cosineSum: number;
}

export interface StyleDriftRepository {
  add(counted: readonly Counted[]): Promise<void>;
  since(spaceId: string, day: Date): Promise<StyleDrift[]>;
}

export function createStyleDriftRepository(prisma: PrismaClient): StyleDriftRepository {
  return {
    async add(counted) {
      for (const { spaceId, day, cluster, count, cosineSum } of counted) {
        // The space may have been deleted since: then nobody asks for this any more.
        await prisma.$executeRaw`
          INSERT INTO style_drift (space_id, day, cluster, count, cosine_sum)
          SELECT id, ${day}::date, ${cluster}, ${count}::int, ${cosineSum}::float8
          FROM style_space WHERE id = ${spaceId}::uuid
          ON CONFLICT (space_id, day, cluster) DO UPDATE SET
            count = style_drift.count + excluded.count,
            cosine_sum = style_drift.cosine_sum + excluded.cosine_sum`;
      }
    },
    since: (spaceId, day) =>
      prisma.styleDrift.findMany({
        where: { spaceId, day: { gte: day } },
        orderBy: [{ day: 'asc' }, { cluster: 'asc' }],
      }),
  };
}
