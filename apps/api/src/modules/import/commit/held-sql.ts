import { Prisma } from '../../../generated/prisma/client.js';

/** What is known of contents by their hashes. The hashes are compared as what the column is: a column that must become
 *  text first is in no index. */
export const knownContent = (
  datasetId: string,
  spaceId: number,
  hashes: readonly string[],
): Prisma.Sql => Prisma.sql`
  SELECT i.content_hash AS "contentHash",
    bool_or(i.dataset_id = ${datasetId}::uuid AND e.image_id IS NOT NULL) AS complete,
    bool_or(i.dataset_id = ${datasetId}::uuid AND i.deleted_at IS NOT NULL) AS deleted,
    min(e.vector::text) AS vector, max(i.perceptual_hash) AS "perceptualHash"
  FROM image i LEFT JOIN embedding e ON e.image_id = i.id AND e.space_id = ${spaceId}::int
  WHERE i.content_hash = ANY(${[...hashes]}::bpchar[])
  GROUP BY i.content_hash`;

/** Photos of a dataset whose path ends with one of `names`; the expression is that of an index. */
export const photosNamed = (datasetId: string, names: readonly string[]): Prisma.Sql => Prisma.sql`
  SELECT file_name AS "fileName", content_hash::text AS "contentHash", captions, class AS "className", split,
    attributes
  FROM image
  WHERE dataset_id = ${datasetId}::uuid AND substring(file_name FROM '[^/]*$') = ANY(${[...names]}::text[])`;
