import { type DatasetVersion, Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../graphql/paging.js';
import { liveEntries, storedEntries } from './entries-sql.js';

export type { DatasetVersion };

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

export interface VersionRepository {
  byIds(ids: readonly string[]): Promise<DatasetVersion[]>;
  /** Newest first; keys are numbers. */
  pageOfDataset(datasetId: string, page: KeysetPage): Promise<DatasetVersion[]>;
  countOfDataset(datasetId: string): Promise<number>;
  /** Versions that hold each of the photos, newest first. */
  ofImages(imageIds: readonly string[]): Promise<Map<string, DatasetVersion[]>>;
  /** A snapshot of the dataset as it is, or the newest version where it holds just that. Null without the dataset. */
  create(datasetId: string, name: string | null): Promise<{ version: DatasetVersion; isNew: boolean } | null>;
  diffCounts(sides: DiffSides): Promise<{ photos: DiffCounts; queries: DiffCounts }>;
  diffRows(sides: DiffSides, page: DiffPage): Promise<DiffRow[]>;
}

// Far above what 100,000 photos take; the library's own 5 seconds would be too little on a busy disk.
const TRANSACTION = { timeout: 300_000, maxWait: 120_000 } as const;

export function createVersionRepository(prisma: PrismaClient): VersionRepository {
  return {
    byIds: (ids) => prisma.datasetVersion.findMany({ where: { id: { in: [...ids] } } }),
    pageOfDataset: (datasetId, { after, before, limit, inverted }) =>
      prisma.datasetVersion.findMany({
        where: {
          datasetId,
          number: { ...(after && { lt: Number(after) }), ...(before && { gt: Number(before) }) },
        },
        orderBy: { number: inverted ? 'asc' : 'desc' },
        take: limit,
      }),
    countOfDataset: (datasetId) => prisma.datasetVersion.count({ where: { datasetId } }),
    ofImages: (imageIds) => ofImages(prisma, imageIds),
    create: (datasetId, name) =>
      prisma.$transaction(async (tx) => {
        // One at a time, so that numbers follow each other. It does not hold up imports, which only refer to the row.
        const found = await tx.$queryRaw<unknown[]>`
          SELECT 1 FROM dataset WHERE id = ${datasetId}::uuid FOR NO KEY UPDATE`;
        if (found.length === 0) return null;
        const [outcome] = await tx.$queryRaw<{ id: string; isNew: boolean }[]>(snapshot(datasetId, name));
        if (outcome === undefined) throw new Error('the snapshot named no version');
        const version = await tx.datasetVersion.findUniqueOrThrow({ where: { id: outcome.id } });
        return { version, isNew: outcome.isNew };
      }, TRANSACTION),
    diffCounts: (sides) => diffCounts(prisma, sides),
    diffRows: (sides, page) => diffRows(prisma, sides, page),
  };
}

/** Reads, hashes and copies in one statement, so that all of it is of one moment. */
const snapshot = (datasetId: string, name: string | null): Prisma.Sql => Prisma.sql`
  WITH entry AS MATERIALIZED (${liveEntries(datasetId)}),
    content AS (
      SELECT encode(sha256(convert_to(
          coalesce(string_agg(entry_hash, chr(10) ORDER BY entry_hash COLLATE "C"), ''), 'UTF8')), 'hex') AS hash,
        count(*) FILTER (WHERE NOT is_query)::int AS images,
        count(*) FILTER (WHERE is_query)::int AS queries,
        coalesce(sum(jsonb_array_length(record->'captions')) FILTER (WHERE NOT is_query), 0)::int AS captions
      FROM entry),
    newest AS (
      SELECT id, number, content_hash::text AS hash FROM dataset_version
      WHERE dataset_id = ${datasetId}::uuid ORDER BY number DESC LIMIT 1),
    made AS (
      INSERT INTO dataset_version
        (id, dataset_id, number, name, content_hash, image_count, query_count, caption_count)
      SELECT gen_random_uuid(), ${datasetId}::uuid, coalesce((SELECT number FROM newest), 0) + 1, ${name}::text,
        hash, images, queries, captions
      FROM content WHERE hash NOT IN (SELECT hash FROM newest)
      RETURNING id),
    copied AS (
      INSERT INTO version_entry (version_id, item_id, is_query, content_hash, file_name, record, entry_hash)
      SELECT made.id, e.item_id, e.is_query, e.content_hash, e.file_name, e.record, e.entry_hash
      FROM made, entry e)
  SELECT id::text AS id, true AS "isNew" FROM made
  UNION ALL
  SELECT id::text, false FROM newest WHERE NOT EXISTS (SELECT 1 FROM made)`;

async function ofImages(
  prisma: PrismaClient,
  imageIds: readonly string[],
): Promise<Map<string, DatasetVersion[]>> {
  // By the versions' own key: the entries have no index by photo, and a dataset has few versions.
  const rows = await prisma.$queryRaw<{ imageId: string; versionId: string }[]>`
    SELECT i.id::text AS "imageId", v.id::text AS "versionId"
    FROM image i JOIN dataset_version v ON v.dataset_id = i.dataset_id
      JOIN version_entry e ON e.version_id = v.id AND e.item_id = i.id
    WHERE i.id = ANY(${[...imageIds]}::uuid[])`;
  const versions = await prisma.datasetVersion.findMany({
    where: { id: { in: [...new Set(rows.map(({ versionId }) => versionId))] } },
    orderBy: { number: 'desc' },
  });
  const held = new Set(rows.map(({ imageId, versionId }) => `${imageId} ${versionId}`));
  return new Map(imageIds.map((id) => [id, versions.filter((version) => held.has(`${id} ${version.id}`))]));
}

const before = ({ fromId }: DiffSides): Prisma.Sql => storedEntries(fromId);
const after = ({ datasetId, toId }: DiffSides): Prisma.Sql =>
  toId === null ? liveEntries(datasetId) : storedEntries(toId);

async function diffCounts(prisma: PrismaClient, sides: DiffSides) {
  const rows = await prisma.$queryRaw<(DiffCounts & { isQuery: boolean })[]>`
    SELECT coalesce(b.is_query, a.is_query) AS "isQuery",
      count(*) FILTER (WHERE b.item_id IS NULL)::int AS added,
      count(*) FILTER (WHERE a.item_id IS NULL)::int AS removed,
      count(*) FILTER (WHERE b.entry_hash <> a.entry_hash)::int AS changed
    FROM (${before(sides)}) b FULL JOIN (${after(sides)}) a ON a.item_id = b.item_id
    GROUP BY 1`;
  const of = (isQuery: boolean): DiffCounts => {
    const row = rows.find((one) => one.isQuery === isQuery);
    return { added: row?.added ?? 0, removed: row?.removed ?? 0, changed: row?.changed ?? 0 };
  };
  return { photos: of(false), queries: of(true) };
}

type RawDiffRow = {
  itemId: string;
  isQuery: boolean;
  /** Columns of a state that there is not are left out. */
  beforeHash?: string | null;
  beforeFile?: string | null;
  beforeRecord: VersionState['record'] | null;
  afterHash?: string | null;
  afterFile?: string | null;
  afterRecord: VersionState['record'] | null;
};

async function diffRows(prisma: PrismaClient, sides: DiffSides, page: DiffPage): Promise<DiffRow[]> {
  const order = page.inverted ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const rows = await prisma.$queryRaw<RawDiffRow[]>`
    SELECT * FROM (${differing(sides, page.kind)}) d
    WHERE ${within(page)}
    ORDER BY "isQuery" ${order}, "itemId" ${order} LIMIT ${page.limit}`;
  return rows.map((row) => ({
    itemId: row.itemId,
    isQuery: row.isQuery,
    before: stateOf(row.beforeRecord, row.beforeHash, row.beforeFile),
    after: stateOf(row.afterRecord, row.afterHash, row.afterFile),
  }));
}

const stateOf = (
  record: VersionState['record'] | null,
  contentHash: string | null = null,
  fileName: string | null = null,
): VersionState | null => (record === null ? null : { record, contentHash, fileName });

/** Every entry that differs in this way, with both of its states. */
function differing(sides: DiffSides, kind: DiffKind): Prisma.Sql {
  const [b, a] = [before(sides), after(sides)];
  const beforeColumns = Prisma.sql`b.content_hash AS "beforeHash", b.file_name AS "beforeFile", b.record AS "beforeRecord"`;
  const afterColumns = Prisma.sql`a.content_hash AS "afterHash", a.file_name AS "afterFile", a.record AS "afterRecord"`;
  switch (kind) {
    case 'ADDED':
      return Prisma.sql`
        SELECT a.item_id AS "itemId", a.is_query AS "isQuery", ${afterColumns}, NULL::jsonb AS "beforeRecord"
        FROM (${a}) a WHERE NOT EXISTS (SELECT 1 FROM (${b}) b WHERE b.item_id = a.item_id)`;
    case 'REMOVED':
      return Prisma.sql`
        SELECT b.item_id AS "itemId", b.is_query AS "isQuery", ${beforeColumns}, NULL::jsonb AS "afterRecord"
        FROM (${b}) b WHERE NOT EXISTS (SELECT 1 FROM (${a}) a WHERE a.item_id = b.item_id)`;
    case 'CHANGED':
      return Prisma.sql`
        SELECT b.item_id AS "itemId", b.is_query AS "isQuery", ${beforeColumns}, ${afterColumns}
        FROM (${b}) b JOIN (${a}) a ON a.item_id = b.item_id WHERE a.entry_hash <> b.entry_hash`;
  }
}

function within({ isQuery, after: from, before: to }: DiffPage): Prisma.Sql {
  const conditions = [Prisma.sql`true`];
  if (isQuery !== null) conditions.push(Prisma.sql`"isQuery" = ${isQuery}`);
  if (from) conditions.push(Prisma.sql`("isQuery", "itemId") > (${from.isQuery}, ${from.itemId}::uuid)`);
  if (to) conditions.push(Prisma.sql`("isQuery", "itemId") < (${to.isQuery}, ${to.itemId}::uuid)`);
  return Prisma.join(conditions, ' AND ');
}
