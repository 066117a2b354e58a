import type { Prisma } from '../../generated/prisma/client.js';
import { sameJson } from '../../same-json.js';
import type { CommittedQuery, ItemBatch } from './item-batch.js';
import { queryKey } from './query-key.js';
import type { Conclusion, Transaction } from './repository.js';

/** Stores the queries of a batch; those that are there already are brought up to date. A part of the repository's
 *  commit, in its transaction. @returns what became of each */
export async function concludeQueries(tx: Transaction, batch: ItemBatch): Promise<Conclusion[]> {
  const { queries } = batch;
  if (queries.length === 0) return [];
  const targets = await findTargets(tx, batch);
  const taken = queries.filter(({ metadata: { target } }) => target === null || targets.has(target));
  await storeQueries(tx, batch.datasetId, taken, targets);
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
  datasetId: string,
  queries: readonly CommittedQuery[],
  targets: ReadonlyMap<string, string>,
): Promise<void> {
  const rows = new Map(
    queries.map((query) => {
      const row = rowOf(datasetId, query, targets);
      return [row.key, row] as const;
    }),
  );
  const held = await tx.query.findMany({ where: { datasetId, key: { in: [...rows.keys()] } } });
  for (const before of held) {
    const row = rows.get(before.key);
    rows.delete(before.key);
    const same = (Object.keys(row ?? {}) as (keyof typeof before & keyof NonNullable<typeof row>)[]).every(
      (key) => sameJson(before[key], row?.[key]),
    );
    if (row && !same) await tx.query.update({ where: { id: before.id }, data: row });
  }
  if (rows.size > 0) await tx.query.createMany({ data: [...rows.values()], skipDuplicates: true });
}

const rowOf = (
  datasetId: string,
  { path, metadata, picture }: CommittedQuery,
  targets: ReadonlyMap<string, string>,
) => ({
  datasetId,
  key: queryKey(path, metadata),
  style: metadata.style,
  origin: 'BROUGHT' as const,
  imageId: targets.get(metadata.target ?? '') ?? null,
  className: metadata.class,
  split: metadata.split,
  text: metadata.text,
  contentHash: picture?.contentHash ?? null,
  fileName: picture === null ? null : path,
  width: picture?.width ?? null,
  height: picture?.height ?? null,
  attributes: metadata.attributes as Prisma.InputJsonObject,
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
