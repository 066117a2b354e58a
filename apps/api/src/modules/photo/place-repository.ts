import { Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import { type ImageScope, imageCondition } from './filter-sql.js';

/** Where a photo stands among those behind a filter, and which stand beside it. */
export interface ImagePlace {
  /** How many photos behind the filter come before it. */
  readonly before: number;
  /** Whether the photo itself is behind the filter. */
  readonly isInside: boolean;
  readonly total: number;
  readonly previousId: string | null;
  readonly nextId: string | null;
}

export interface PlaceRepository {
  /** Id of the photo at a place behind a filter, counted from 0; null behind the last. */
  idAt(scope: ImageScope, index: number): Promise<string | null>;
  placeOf(scope: ImageScope, imageId: string): Promise<ImagePlace>;
}

export function createPlaceRepository(prisma: PrismaClient): PlaceRepository {
  return {
    async idAt(scope, index) {
      const [row] = await prisma.$queryRaw<{ id: string }[]>`
        SELECT i.id FROM image i WHERE ${imageCondition(scope)}
        ORDER BY i.id OFFSET ${index}::int LIMIT 1`;
      return row?.id ?? null;
    },
    async placeOf(scope, imageId) {
      const condition = imageCondition(scope);
      const beside = (bound: Prisma.Sql, order: Prisma.Sql) => Prisma.sql`
        (SELECT i.id FROM image i WHERE ${condition} AND ${bound} ORDER BY i.id ${order} LIMIT 1)`;
      const [place] = await prisma.$queryRaw<ImagePlace[]>`
        SELECT count(*) FILTER (WHERE i.id < ${imageId}::uuid)::int AS before,
          count(*) FILTER (WHERE i.id = ${imageId}::uuid) > 0 AS "isInside",
          count(*)::int AS total,
          ${beside(Prisma.sql`i.id < ${imageId}::uuid`, Prisma.sql`DESC`)} AS "previousId",
          ${beside(Prisma.sql`i.id > ${imageId}::uuid`, Prisma.sql`ASC`)} AS "nextId"
        FROM image i WHERE ${condition}`;
      return place ?? { before: 0, isInside: false, total: 0, previousId: null, nextId: null };
    },
  };
}
