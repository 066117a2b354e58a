import type { PrismaClient } from '../../generated/prisma/client.js';

export interface JobCount {
  readonly lane: string;
  readonly state: string;
  readonly count: number;
}

export interface MonitorRepository {
  /** Jobs that have something to do yet. */
  jobs(): Promise<JobCount[]>;
  /** Photos that a search by the live model cannot find. */
  withoutVector(spaceId: number): Promise<number>;
}

export const createMonitorRepository = (prisma: PrismaClient): MonitorRepository => ({
  jobs: () => prisma.$queryRaw<JobCount[]>`
    SELECT lane, state::text AS state, count(*)::int AS count FROM job
    WHERE state IN ('QUEUED', 'RUNNING', 'PAUSED') GROUP BY 1, 2 ORDER BY 1, 2`,
  async withoutVector(spaceId) {
    const [row] = await prisma.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM image i WHERE deleted_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM embedding e WHERE e.space_id = ${spaceId}::int AND e.image_id = i.id)`;
    return row?.count ?? 0;
  },
});
