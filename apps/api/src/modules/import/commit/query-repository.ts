import type { Prisma } from '../../../generated/prisma/client.js';
import type { QueryOrigin } from '../../../generated/prisma/enums.js';
import { changedFields } from '../../../platform/database/same-json.js';
import type { QueryMetadata } from '../list/listed-item.js';
import { queryKey, queryWords } from '../list/query-key.js';
import type { CommittedQuery, Conclusion, ItemBatch, Transaction } from './item-batch.js';

/** Stores the queries of a batch; those that are there already are brought up to date. A part of the repository's
 *  commit, in its transaction. @returns what became of each */
export async function concludeQueries(tx: Transaction, batch: ItemBatch): Promise<Conclusion[]> {
  const { queries } = batch;
  if (queries.length === 0) return [];
  const targets = await findTargets(tx, batch);
  const taken = queries.filter(({ metadata: { target } }) => target === null || targets.has(target));
  await storeQueries(tx, batch, taken, targets);
  const refusals = await refusalsOf(
    tx,
    batch,
    queries.filter((query) => !taken.includes(query)),
  );
  return [
    ...taken.map(({ ordinal, picture, metadata }) => ({
      ordinal,
      state: 'STORED' as const,
      code: null,
      reason: null,
      contentHash: picture?.contentHash ?? null,
      imageId: targets.get(metadata.target ?? '') ?? null,
    })),
    ...refusals,
  ];
}

const targetsOf = (queries: readonly CommittedQuery[]): string[] => [
  ...new Set(queries.flatMap(({ metadata }) => metadata.target ?? [])),
];

/** Ids of the photos that are meant, by their file names. The ledger is asked first: it also knows the names under
 *  which the same content came again. */
async function findTargets(tx: Transaction, { datasetId, queries }: ItemBatch): Promise<Map<string, string>> {
  const names = targetsOf(queries);
  const listed = await tx.$queryRaw<{ path: string; imageId: string }[]>`
    SELECT DISTINCT ON (i.path) i.path, i.image_id AS "imageId"
    FROM import_item i JOIN job j ON j.id = i.job_id JOIN image p ON p.id = i.image_id
    WHERE i.path = ANY(${names}::text[]) AND i.kind = 'PHOTO' AND p.dataset_id = ${datasetId}::uuid
      AND j.dataset_id = ${datasetId}::uuid
    ORDER BY i.path, j.id DESC`;
  const found = new Map(listed.map(({ path, imageId }) => [path, imageId]));
  const others = names.filter((name) => !found.has(name));
  if (others.length === 0) return found;
  const images = await tx.image.findMany({
    where: { datasetId, fileName: { in: others } },
    orderBy: { id: 'asc' },
    select: { id: true, fileName: true },
  });
  for (const { id, fileName } of images) found.set(fileName, id);
  return found;
}

async function storeQueries(
  tx: Transaction,
  batch: ItemBatch,
  queries: readonly CommittedQuery[],
  targets: ReadonlyMap<string, string>,
): Promise<void> {
  const { datasetId } = batch;
  const rows = new Map(
    queries.map((query) => {
      const row = rowOf(datasetId, query, targets);
      return [row.key, row] as const;
    }),
  );
  const held = await tx.query.findMany({ where: { datasetId, key: { in: [...rows.keys()] } } });
  const earlier = await earlierLabels(
    tx,
    batch,
    queries.filter(({ path, metadata }) => held.some(({ key }) => key === queryKey(path, metadata))),
  );
  for (const before of held) {
    const row = rows.get(before.key);
    if (row === undefined) continue;
    rows.delete(before.key);
    const { style, className, split, attributes, ...facts } = row;
    const labels = { style, className, split, attributes };
    // What the list says as it did before is no news: a curator may have put it right since.
    const data = { ...changedFields(before, facts), ...changedFields(earlier.get(before.key) ?? {}, labels) };
    if (Object.keys(data).length > 0) await tx.query.update({ where: { id: before.id }, data });
  }
  if (rows.size > 0) await tx.query.createMany({ data: [...rows.values()], skipDuplicates: true });
}

const labelsOf = ({ style, class: className, split, attributes }: QueryMetadata) => ({
  style,
  className,
  split,
  attributes: attributes as Prisma.InputJsonObject,
});

/** What the latest import before this one was told about queries, by key. Words are found wherever they stood. */
async function earlierLabels(
  tx: Transaction,
  { datasetId, jobId }: ItemBatch,
  queries: readonly CommittedQuery[],
): Promise<Map<string, ReturnType<typeof labelsOf>>> {
  if (queries.length === 0) return new Map();
  const words = queries.flatMap(({ metadata }) => queryWords(metadata) ?? []);
  const rows = await tx.$queryRaw<{ path: string; metadata: QueryMetadata }[]>`
    SELECT i.path, i.metadata FROM import_item i JOIN job j ON j.id = i.job_id
    WHERE (i.path = ANY(${queries.map(({ path }) => path)}::text[])
        OR (i.metadata->>'text') || chr(10) || coalesce(i.metadata->>'target', '') = ANY(${words}::text[]))
      AND i.kind = 'QUERY' AND i.state = 'STORED' AND j.dataset_id = ${datasetId}::uuid AND j.id <> ${jobId}::uuid
    ORDER BY j.id`;
  return new Map(rows.map(({ path, metadata }) => [queryKey(path, metadata), labelsOf(metadata)]));
}

const rowOf = (
  datasetId: string,
  { path, metadata, picture }: CommittedQuery,
  targets: ReadonlyMap<string, string>,
) => ({
  datasetId,
  key: queryKey(path, metadata),
  origin: 'BROUGHT' as QueryOrigin,
  imageId: targets.get(metadata.target ?? '') ?? null,
  text: metadata.text,
  contentHash: picture?.contentHash ?? null,
  fileName: picture === null ? null : path,
  width: picture?.width ?? null,
  height: picture?.height ?? null,
  ...labelsOf(metadata),
});

/** Why the queries have no photo: because it is not there at all, or because this import did not take it. */
async function refusalsOf(
  tx: Transaction,
  { jobId }: ItemBatch,
  queries: readonly CommittedQuery[],
): Promise<Conclusion[]> {
  if (queries.length === 0) return [];
  const photos = await tx.importItem.findMany({
    where: { jobId, kind: 'PHOTO', path: { in: targetsOf(queries) } },
    select: { path: true, reason: true },
  });
  const reasons = new Map(photos.map(({ path, reason }) => [path, reason]));
  return queries.map(({ ordinal, metadata, picture }) => {
    const target = metadata.target ?? '';
    const why = reasons.has(target)
      ? `its photo "${target}" was not taken: ${reasons.get(target) ?? 'it is not stored'}`
      : `its target "${target}" is no photo of this dataset`;
    return {
      ordinal,
      state: 'REJECTED' as const,
      code: 'TARGET_MISSING',
      reason: why,
      contentHash: picture?.contentHash ?? null,
      imageId: null,
    };
  });
}
