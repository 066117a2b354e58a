import { Prisma } from '../../generated/prisma/client.js';

/** The record of a photo in a version, as JSON text orders its keys by itself. Tags are a set: their order is none. */
const PHOTO_RECORD = Prisma.sql`jsonb_build_object('kind', 'image', 'file', i.file_name,
  'captions', to_jsonb(i.captions), 'class', i.class, 'split', i.split,
  'tags', CASE WHEN cardinality(i.tags) < 2 THEN to_jsonb(i.tags)
    ELSE (SELECT jsonb_agg(tag ORDER BY tag COLLATE "C") FROM unnest(i.tags) AS tag) END,
  'attributes', i.attributes)`;

/** The record of a query. Its photo is named by file and by content, never by an id, which would mean nothing in
 *  another dataset with the same photos. */
const QUERY_RECORD = Prisma.sql`jsonb_build_object('kind', 'query', 'style', q.style, 'origin', q.origin::text,
  'file', q.file_name, 'text', q.text, 'target', t.file_name, 'targetHash', t.content_hash::text,
  'class', q.class, 'split', q.split, 'maker', q.maker, 'strength', q.strength, 'seed', q.seed,
  'attributes', q.attributes)`;

/** What a version of the dataset would hold now: everything that is not deleted, nor means a deleted photo.
 *  @param ids only these photos and queries; all of them without. */
export const liveRecords = (datasetId: string, ids: readonly string[] | null = null): Prisma.Sql => {
  const among = (column: Prisma.Sql) =>
    ids === null ? Prisma.empty : Prisma.sql`AND ${column} = ANY(${[...ids]}::uuid[])`;
  return Prisma.sql`
    SELECT i.id AS item_id, false AS is_query, i.content_hash::text AS content_hash, i.file_name,
      ${PHOTO_RECORD} AS record
    FROM image i WHERE i.dataset_id = ${datasetId}::uuid AND i.deleted_at IS NULL ${among(Prisma.sql`i.id`)}
    UNION ALL
    SELECT q.id, true, q.content_hash::text, q.file_name, ${QUERY_RECORD}
    FROM query q LEFT JOIN image t ON t.id = q.image_id
    WHERE q.dataset_id = ${datasetId}::uuid AND (q.image_id IS NULL OR t.deleted_at IS NULL)
      ${among(Prisma.sql`q.id`)}`;
};

/** The same with its hashes, computed where the rows are, so that a version moves nothing through this process. */
export const liveEntries = (datasetId: string): Prisma.Sql => Prisma.sql`
  SELECT item_id, is_query, content_hash, file_name, record,
    encode(sha256(convert_to(coalesce(content_hash, '') || chr(10) || record::text, 'UTF8')), 'hex') AS entry_hash
  FROM (${liveRecords(datasetId)}) AS described`;

/** What a version holds. */
export const storedRecords = (
  versionId: string,
  ids: readonly string[] | null = null,
): Prisma.Sql => Prisma.sql`
  SELECT item_id, is_query, content_hash::text AS content_hash, file_name, record
  FROM version_entry WHERE version_id = ${versionId}::uuid
    ${ids === null ? Prisma.empty : Prisma.sql`AND item_id = ANY(${[...ids]}::uuid[])`}`;
