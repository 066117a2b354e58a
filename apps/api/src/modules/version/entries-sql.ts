import { Prisma } from '../../generated/prisma/client.js';
import { RENAMED, RESERVED_IN_PHOTOS, RESERVED_IN_QUERIES } from '../export/folder-records.js';

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

const hashOf = (record: Prisma.Sql): Prisma.Sql => Prisma.sql`
  encode(sha256(convert_to(coalesce(content_hash, '') || chr(10) || (${record})::text, 'UTF8')), 'hex')`;

const NULL_JSON = Prisma.sql`'null'::jsonb`;

/** Attributes under the names that an export gives them: one may not stand in for a field of the format. */
const exportedAttributes = (reserved: readonly string[]): Prisma.Sql => Prisma.sql`
  CASE WHEN jsonb_exists_any(record->'attributes', ${[...reserved]}::text[])
    THEN (SELECT jsonb_object_agg(
        CASE WHEN a.key = ANY(${[...reserved]}::text[]) THEN ${RENAMED} || a.key ELSE a.key END, a.value)
      FROM jsonb_each(record->'attributes') AS a)
    ELSE record->'attributes' END`;

/** What of `record` an exported folder holds, whatever its files are called: this is what `hashDataset` of the core
 *  hashes, written as it writes it. */
const PORTABLE_RECORD = Prisma.sql`
  CASE WHEN is_query THEN jsonb_build_object('kind', 'query', 'style', record->'style', 'text', record->'text',
      'target', record->'targetHash', 'class', record->'class', 'split', record->'split',
      'attributes', jsonb_strip_nulls(jsonb_build_object('maker', record->'maker', 'strength', record->'strength',
        'seed', record->'seed')) || (${exportedAttributes(RESERVED_IN_QUERIES)}))
    ELSE jsonb_build_object('kind', 'image', 'captions', record->'captions', 'class', record->'class',
      'split', record->'split', 'tags', coalesce(nullif(record->'tags', ${NULL_JSON}), '[]'::jsonb),
      'attributes', ${exportedAttributes(RESERVED_IN_PHOTOS)}) END`;

/** The same with its hashes, computed where the rows are, so that a version moves nothing through this process:
 *  `entry_hash` over all that is kept, for diffs, `portable_hash` over what an export holds. */
export const liveEntries = (datasetId: string): Prisma.Sql => Prisma.sql`
  SELECT item_id, is_query, content_hash, file_name, record, ${hashOf(Prisma.sql`record`)} AS entry_hash,
    ${hashOf(PORTABLE_RECORD)} AS portable_hash
  FROM (${liveRecords(datasetId)}) AS described`;

/** What a version holds. */
export const storedRecords = (
  versionId: string,
  ids: readonly string[] | null = null,
): Prisma.Sql => Prisma.sql`
  SELECT item_id, is_query, content_hash::text AS content_hash, file_name, record
  FROM version_entry WHERE version_id = ${versionId}::uuid
    ${ids === null ? Prisma.empty : Prisma.sql`AND item_id = ANY(${[...ids]}::uuid[])`}`;
