import { type Image, Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import type { FacetCount, KeysetPage } from '../../platform/database/paging.js';
import type { ImageState } from './filter.js';
import { type Facet, type ImageScope, imageCondition, imageState } from './filter-sql.js';
import { type ImageSelection, selectionCondition } from './selection.js';

export type { Image };

/** Another photo that looks like one. */
export interface NearDuplicate {
  readonly imageId: string;
  readonly otherId: string;
  readonly hashBits: number | null;
  readonly similarity: number | null;
}

export interface ImageRepository {
  byIds(ids: readonly string[]): Promise<Image[]>;
  /** In the order in which they came in. */
  page(scope: ImageScope, page: KeysetPage): Promise<Image[]>;
  count(scope: ImageScope): Promise<number>;
  countSelection(selection: ImageSelection, spaceId: number | null): Promise<number>;
  /** How often each value occurs, most frequent first. @param own whether the facet's own condition holds too. */
  facet(scope: ImageScope, facet: Facet, own: boolean): Promise<FacetCount[]>;
  states(ids: readonly string[], spaceId: number | null): Promise<Map<string, ImageState>>;
  /** Photos that are not deleted and look like those given, most alike first. */
  nearDuplicates(ids: readonly string[]): Promise<NearDuplicate[]>;
}

// Nobody reads a longer list, and a dataset may have a class for each photo.
const MAX_FACET_VALUES = 1000;
// A photo that looks like very many is a blank page or a test card.
const MAX_NEAR_DUPLICATES = 50;

export function createImageRepository(prisma: PrismaClient): ImageRepository {
  return {
    byIds: (ids) => prisma.image.findMany({ where: { id: { in: [...ids] } } }),
    page: (scope, page) => readPage(prisma, scope, page),
    count: (scope) => countWhere(prisma, imageCondition(scope)),
    countSelection: (selection, spaceId) => countWhere(prisma, selectionCondition(selection, spaceId)),
    facet: (scope, facet, own) =>
      prisma.$queryRaw<FacetCount[]>(
        facetQuery(facet, scope, imageCondition(scope, own ? undefined : facet)),
      ),
    async states(ids, spaceId) {
      const rows = await prisma.$queryRaw<{ id: string; state: ImageState }[]>`
        SELECT i.id, ${imageState(spaceId)} AS state FROM image i WHERE i.id = ANY(${[...ids]}::uuid[])`;
      return new Map(rows.map(({ id, state }) => [id, state]));
    },
    nearDuplicates: (ids) =>
      prisma.$queryRaw<NearDuplicate[]>`
        SELECT "imageId", "otherId", "hashBits", similarity FROM (
          SELECT n.*, row_number() OVER (
            PARTITION BY "imageId" ORDER BY "hashBits" NULLS LAST, similarity DESC NULLS LAST, "otherId") AS place
          FROM (
            SELECT image_id AS "imageId", other_id AS "otherId", hash_bits AS "hashBits", similarity
            FROM near_duplicate WHERE image_id = ANY(${[...ids]}::uuid[])
            UNION ALL
            SELECT other_id, image_id, hash_bits, similarity
            FROM near_duplicate WHERE other_id = ANY(${[...ids]}::uuid[])) n
          JOIN image o ON o.id = n."otherId" AND o.deleted_at IS NULL) ranked
        WHERE place <= ${MAX_NEAR_DUPLICATES} ORDER BY "imageId", place`,
  };
}

async function readPage(
  prisma: PrismaClient,
  scope: ImageScope,
  { after, before, limit, inverted }: KeysetPage,
): Promise<Image[]> {
  // Ids are version 7 UUIDs: their order is the order of creation.
  const bounds = [
    imageCondition(scope),
    ...(after ? [Prisma.sql`i.id > ${after}::uuid`] : []),
    ...(before ? [Prisma.sql`i.id < ${before}::uuid`] : []),
  ];
  const ids = await prisma.$queryRaw<{ id: string }[]>`
    SELECT i.id FROM image i WHERE ${Prisma.join(bounds, ' AND ')}
    ORDER BY i.id ${inverted ? Prisma.sql`DESC` : Prisma.sql`ASC`} LIMIT ${limit}::int`;
  return prisma.image.findMany({
    where: { id: { in: ids.map(({ id }) => id) } },
    orderBy: { id: inverted ? 'desc' : 'asc' },
  });
}

async function countWhere(prisma: PrismaClient, condition: Prisma.Sql): Promise<number> {
  const [row] = await prisma.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM image i WHERE ${condition}`;
  return row?.count ?? 0;
}

function facetQuery(facet: Facet, { spaceId }: ImageScope, condition: Prisma.Sql): Prisma.Sql {
  const counted = Prisma.sql`count(*)::int AS count`;
  const sorted = Prisma.sql`GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MAX_FACET_VALUES}::int`;
  switch (facet) {
    case 'splits':
      return Prisma.sql`
        SELECT coalesce(i.split, '') AS value, ${counted} FROM image i WHERE ${condition} ${sorted}`;
    case 'classes':
      return Prisma.sql`
        SELECT coalesce(i.class, '') AS value, ${counted} FROM image i WHERE ${condition} ${sorted}`;
    case 'tags':
      return Prisma.sql`
        SELECT value, ${counted}
        FROM image i, unnest(CASE WHEN cardinality(i.tags) = 0 THEN ARRAY[''] ELSE i.tags END) AS value
        WHERE ${condition} ${sorted}`;
    case 'styles':
      return Prisma.sql`
        SELECT coalesce(style, '') AS value, ${counted}
        FROM (SELECT DISTINCT i.id, q.style FROM image i LEFT JOIN query q ON q.image_id = i.id
              WHERE ${condition}) AS styled ${sorted}`;
    case 'states':
      return Prisma.sql`
        SELECT ${imageState(spaceId)} AS value, ${counted} FROM image i WHERE ${condition} ${sorted}`;
  }
}
