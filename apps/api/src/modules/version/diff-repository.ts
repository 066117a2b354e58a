import { Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import { liveRecords, storedRecords } from './entries-sql.js';

/** Two states of one dataset; without `toId` the second is what it holds now. */
export interface DiffSides {
  readonly datasetId: string;
  readonly fromId: string;
  readonly toId: string | null;
}

export type DiffKind = 'ADDED' | 'REMOVED' | 'CHANGED';

export interface DiffCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

export interface VersionState {
  readonly contentHash: string | null;
  readonly fileName: string | null;
  readonly record: Readonly<Record<string, unknown>>;
}

/** A photo or query that differs; `before` is null where it was added, `after` where it was removed. */
export interface DiffRow {
  readonly itemId: string;
  readonly isQuery: boolean;
  readonly before: VersionState | null;
  readonly after: VersionState | null;
}

export interface DiffPage {
  readonly kind: DiffKind;
  /** Only photos or only queries; null for both. */
  readonly isQuery: boolean | null;
  /** Photos come before queries, each in the order in which they came in. */
  readonly after: DiffKey | null;
  readonly before: DiffKey | null;
  readonly limit: number;
  readonly inverted: boolean;
}

export interface DiffKey {
  readonly isQuery: boolean;
  readonly itemId: string;
}

export interface DiffRepository {
  diffCounts(sides: DiffSides): Promise<{ photos: DiffCounts; queries: DiffCounts }>;
  diffRows(sides: DiffSides, page: DiffPage): Promise<DiffRow[]>;
}

export const createDiffRepository = (prisma: PrismaClient): DiffRepository => ({
  diffCounts: (sides) => diffCounts(prisma, sides),
  async diffRows(sides, page) {
    const keys = await diffKeys(prisma, sides, page);
    const ids = keys.map(({ itemId }) => itemId);
    const [before, after] = [
      await statesOf(prisma, storedRecords(sides.fromId, ids)),
      await statesOf(prisma, laterRecords(sides, ids)),
    ];
    return keys.map((key) => ({
      ...key,
      before: before.get(key.itemId) ?? null,
      after: after.get(key.itemId) ?? null,
    }));
  },
});

const laterRecords = ({ datasetId, toId }: DiffSides, ids: readonly string[] | null = null): Prisma.Sql =>
  toId === null ? liveRecords(datasetId, ids) : storedRecords(toId, ids);

// The record decides, and not the hash of it: comparing costs less than hashing everything that there is now.
const DIFFERS = Prisma.sql`(a.record <> b.record OR a.content_hash IS DISTINCT FROM b.content_hash)`;

async function diffCounts(prisma: PrismaClient, sides: DiffSides) {
  const rows = await prisma.$queryRaw<(DiffCounts & { isQuery: boolean })[]>`
    SELECT coalesce(b.is_query, a.is_query) AS "isQuery",
      count(*) FILTER (WHERE b.item_id IS NULL)::int AS added,
      count(*) FILTER (WHERE a.item_id IS NULL)::int AS removed,
      count(*) FILTER (WHERE a.item_id IS NOT NULL AND b.item_id IS NOT NULL AND ${DIFFERS})::int AS changed
    FROM (${storedRecords(sides.fromId)}) b FULL JOIN (${laterRecords(sides)}) a ON a.item_id = b.item_id
    GROUP BY 1`;
  const of = (isQuery: boolean): DiffCounts => {
    const row = rows.find((one) => one.isQuery === isQuery);
    return { added: row?.added ?? 0, removed: row?.removed ?? 0, changed: row?.changed ?? 0 };
  };
  return { photos: of(false), queries: of(true) };
}

/** Which entries a page has: by ids alone, so that nothing is written out that no page shows. */
async function diffKeys(prisma: PrismaClient, sides: DiffSides, page: DiffPage): Promise<DiffKey[]> {
  const order = page.inverted ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  return prisma.$queryRaw<DiffKey[]>`
    SELECT "itemId", "isQuery" FROM (${differing(sides, page.kind)}) d
    WHERE ${within(page)}
    ORDER BY "isQuery" ${order}, "itemId" ${order} LIMIT ${page.limit}`;
}

function differing(sides: DiffSides, kind: DiffKind): Prisma.Sql {
  const { fromId, toId } = sides;
  const before = Prisma.sql`version_entry b WHERE b.version_id = ${fromId}::uuid`;
  switch (kind) {
    case 'ADDED':
      return Prisma.sql`
        SELECT a.item_id AS "itemId", a.is_query AS "isQuery" FROM (${laterRecords(sides)}) a
        WHERE NOT EXISTS (
          SELECT 1 FROM version_entry b WHERE b.version_id = ${fromId}::uuid AND b.item_id = a.item_id)`;
    case 'REMOVED':
      return Prisma.sql`
        SELECT b.item_id AS "itemId", b.is_query AS "isQuery" FROM ${before} AND ${isGone(toId)}`;
    case 'CHANGED':
      return Prisma.sql`
        SELECT b.item_id AS "itemId", b.is_query AS "isQuery"
        FROM (${storedRecords(fromId)}) b JOIN (${laterRecords(sides)}) a ON a.item_id = b.item_id
        WHERE ${DIFFERS}`;
  }
}

/** Whether the later state lacks entry `b`. By the tables' own keys: a union of them has none. */
const isGone = (toId: string | null): Prisma.Sql =>
  toId === null
    ? Prisma.sql`
        NOT EXISTS (SELECT 1 FROM image i WHERE i.id = b.item_id AND i.deleted_at IS NULL)
        AND NOT EXISTS (
          SELECT 1 FROM query q LEFT JOIN image t ON t.id = q.image_id
          WHERE q.id = b.item_id AND (q.image_id IS NULL OR t.deleted_at IS NULL))`
    : Prisma.sql`
        NOT EXISTS (SELECT 1 FROM version_entry a WHERE a.version_id = ${toId}::uuid AND a.item_id = b.item_id)`;

function within({ isQuery, after, before }: DiffPage): Prisma.Sql {
  const conditions = [Prisma.sql`true`];
  if (isQuery !== null) conditions.push(Prisma.sql`"isQuery" = ${isQuery}`);
  if (after) conditions.push(Prisma.sql`("isQuery", "itemId") > (${after.isQuery}, ${after.itemId}::uuid)`);
  if (before)
    conditions.push(Prisma.sql`("isQuery", "itemId") < (${before.isQuery}, ${before.itemId}::uuid)`);
  return Prisma.join(conditions, ' AND ');
}

async function statesOf(prisma: PrismaClient, records: Prisma.Sql): Promise<Map<string, VersionState>> {
  const rows = await prisma.$queryRaw<(VersionState & { itemId: string })[]>`
    SELECT item_id AS "itemId", content_hash AS "contentHash", file_name AS "fileName", record
    FROM (${records}) r`;
  return new Map(rows.map(({ itemId, ...state }) => [itemId, state]));
}
