import { type DatasetVersion, Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { createDiffRepository, type DiffRepository } from './diff-repository.js';
import { liveEntries } from './entries-sql.js';

export type { DatasetVersion };

export interface VersionRepository extends DiffRepository {
  byIds(ids: readonly string[]): Promise<DatasetVersion[]>;
  /** Newest first; keys are numbers. */
  pageOfDataset(datasetId: string, page: KeysetPage): Promise<DatasetVersion[]>;
  countOfDataset(datasetId: string): Promise<number>;
  /** Versions that hold each of the photos, newest first. */
  ofImages(imageIds: readonly string[]): Promise<Map<string, DatasetVersion[]>>;
  /** A snapshot of the dataset as it is, or the newest version where it holds just that. Null without the dataset. */
  create(datasetId: string, name: string | null): Promise<{ version: DatasetVersion; isNew: boolean } | null>;
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
    async create(datasetId, name) {
      const made = await prisma.$transaction(async (tx) => {
        // One at a time, so that numbers follow each other. It does not hold up imports, which only refer to the row.
        const found = await tx.$queryRaw<unknown[]>`
          SELECT 1 FROM dataset WHERE id = ${datasetId}::uuid FOR NO KEY UPDATE`;
        if (found.length === 0) return null;
        const [outcome] = await tx.$queryRaw<{ id: string; isNew: boolean }[]>(snapshot(datasetId, name));
        if (outcome === undefined) throw new Error('the snapshot named no version');
        const version = await tx.datasetVersion.findUniqueOrThrow({ where: { id: outcome.id } });
        return { version, isNew: outcome.isNew };
      }, TRANSACTION);
      // The embedded database does not look at its tables by itself, and would plan diffs as if they were empty.
      if (made?.isNew) await prisma.$executeRaw`ANALYZE version_entry`;
      return made;
    },
    ...createDiffRepository(prisma),
  };
}

/** Reads, hashes and copies in one statement, so that all of it is of one moment. */
const snapshot = (datasetId: string, name: string | null): Prisma.Sql => Prisma.sql`
  WITH entry AS MATERIALIZED (${liveEntries(datasetId)}),
    content AS (
      SELECT encode(sha256(convert_to(
          coalesce(string_agg(portable_hash, chr(10) ORDER BY portable_hash COLLATE "C"), ''), 'UTF8')), 'hex') AS hash,
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
