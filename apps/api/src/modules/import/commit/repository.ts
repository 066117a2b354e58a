import type { Image, Prisma, PrismaClient } from '../../../generated/prisma/client.js';
import type { ItemKind } from '../../../generated/prisma/enums.js';
import { changedFields } from '../../../platform/database/same-json.js';
import { addProgress, holdLease, JOB_TRANSACTION } from '../../../platform/jobs/job-transaction.js';
import { addTally, type ImportItem, type ItemState } from '../../ledger/repository.js';
import { holdSequence } from '../../photo/sequence-lock.js';
import type { ItemMetadata, ListedItem, QueryMetadata } from '../list/listed-item.js';
import { knownContent, photosNamed } from './held-sql.js';
import { holdSpace } from './hold-space.js';
import type { CommittedPhoto, Conclusion, ItemBatch, Transaction, VectorBatch } from './item-batch.js';
import { concludeQueries } from './query-repository.js';

export type { ImportItem, ItemKind };

/** What an earlier import of the dataset found under a path. */
export interface EarlierItem {
  readonly path: string;
  readonly kind: ItemKind;
  readonly state: ItemState;
  readonly code: string | null;
  readonly byteSize: number | null;
  readonly modifiedMs: number | null;
  readonly metadata: ItemMetadata | QueryMetadata | null;
  readonly contentHash: string | null;
  readonly imageId: string | null;
  /** Whether the photo has its vector in the space that was asked for, or the query its row. */
  readonly isThere: boolean;
}

/** A ledger entry to be written; `earlier` concludes it at once. */
export interface NewItem {
  readonly ordinal: number;
  readonly listed: ListedItem;
  readonly earlier: EarlierItem | null;
}

export interface KnownContent {
  readonly contentHash: string;
  /** Whether the dataset holds this content with its vector. */
  readonly complete: boolean;
  /** Whether a curator deleted it from the dataset. */
  readonly deleted: boolean;
  /** A vector of the same content, from any dataset, as text. */
  readonly vector: string | null;
  readonly perceptualHash: bigint | null;
}

/** A photo of the dataset as it is described now. */
export interface HeldPhoto {
  readonly fileName: string;
  readonly contentHash: string;
  readonly captions: readonly string[];
  readonly className: string | null;
  readonly split: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export type UnembeddedPhoto = Pick<Image, 'id' | 'datasetId' | 'contentHash' | 'width' | 'height'>;

export interface ImportRepository {
  /** Forgets a listing that was not finished. */
  clearItems(jobId: string): Promise<void>;
  earlierItems(
    datasetId: string,
    jobId: string,
    spaceId: number,
    paths: readonly string[],
  ): Promise<EarlierItem[]>;
  addItems(jobId: string, items: readonly NewItem[]): Promise<void>;
  /** Ends the listing: sets the total and counts what was concluded by it. */
  closeListing(jobId: string, owner: string): Promise<void>;
  queued(jobId: string, afterOrdinal: number, limit: number): Promise<ImportItem[]>;
  known(datasetId: string, spaceId: number, hashes: readonly string[]): Promise<Map<string, KnownContent>>;
  /** Photos of the dataset by the names given: a photo's path, or the ending of just one. */
  heldByName(datasetId: string, names: readonly string[]): Promise<Map<string, HeldPhoto>>;
  /** Photos, vectors, ledger and counts in one transaction. @throws {LeaseLostError} */
  commit(batch: ItemBatch): Promise<void>;
  /** Photos of a space's gallery that have no vector in it yet, by id. */
  withoutVector(spaceId: number, afterId: string | null, limit: number): Promise<UnembeddedPhoto[]>;
  countWithoutVector(spaceId: number): Promise<number>;
  /** @throws {LeaseLostError} */
  commitVectors(batch: VectorBatch): Promise<void>;
  /** Whether the import came to anything: a photo or a query that is there now. */
  hasTaken(jobId: string): Promise<boolean>;
  /** Whether a person has asked the job to end. */
  isCancelled(jobId: string): Promise<boolean>;
  /** Which of the jobs have something to do yet. */
  unfinished(jobIds: readonly string[]): Promise<Set<string>>;
  /** A dataset of that name which may take the addresses: they were imported into it before, or an earlier import
   *  brought nothing into it. */
  datasetForUrls(name: string, urls: readonly string[]): Promise<string | null>;
  /** The dataset that an upload was begun for. */
  uploadSession(id: string): Promise<{ readonly datasetId: string } | null>;
}

export function createImportRepository(prisma: PrismaClient): ImportRepository {
  return { ...listing(prisma), ...processing(prisma), ...embedding(prisma), ...asking(prisma) };
}

type Listing = 'clearItems' | 'earlierItems' | 'addItems' | 'closeListing';

const listing = (prisma: PrismaClient): Pick<ImportRepository, Listing> => ({
  async clearItems(jobId) {
    await prisma.importItem.deleteMany({ where: { jobId } });
  },
  async earlierItems(datasetId, jobId, spaceId, paths) {
    const rows = await prisma.$queryRaw<(Omit<EarlierItem, 'byteSize'> & { byteSize: bigint | null })[]>`
      SELECT DISTINCT ON (i.path, i.kind) i.path, i.kind::text AS kind, i.state::text AS state, i.code, i.byte_size AS "byteSize",
        i.modified_ms AS "modifiedMs", i.metadata, i.content_hash AS "contentHash", i.image_id AS "imageId",
        CASE i.kind
          WHEN 'QUERY' THEN EXISTS (
            SELECT 1 FROM query q WHERE q.dataset_id = j.dataset_id AND q.key = 'file:' || i.path)
          ELSE EXISTS (
            SELECT 1 FROM embedding e WHERE e.space_id = ${spaceId}::int AND e.image_id = i.image_id)
        END AS "isThere"
      FROM import_item i JOIN job j ON j.id = i.job_id
      WHERE i.path = ANY(${[...paths]}::text[]) AND j.dataset_id = ${datasetId}::uuid AND j.id <> ${jobId}::uuid
      ORDER BY i.path, i.kind, j.id DESC`;
    return rows.map((row) => ({ ...row, byteSize: row.byteSize === null ? null : Number(row.byteSize) }));
  },
  async addItems(jobId, items) {
    await prisma.importItem.createMany({ data: items.map((item) => itemRow(jobId, item)) });
  },
  async closeListing(jobId, owner) {
    await prisma.$executeRaw`
      WITH counted AS (
        SELECT count(*) AS total, count(*) FILTER (WHERE state <> 'QUEUED') AS done,
          count(*) FILTER (WHERE state = 'REJECTED') AS rejected,
          count(*) FILTER (WHERE state = 'DUPLICATE') AS duplicates,
          count(*) FILTER (WHERE state = 'FAILED') AS failed
        FROM import_item WHERE job_id = ${jobId}::uuid),
      listed AS (
        UPDATE job SET (total, done) = (SELECT total, done FROM counted)
        WHERE id = ${jobId}::uuid AND lease_owner = ${owner}::uuid RETURNING id)
      INSERT INTO item_tally (job_id, rejected, duplicates, failed)
      SELECT id, rejected, duplicates, failed FROM listed, counted
      ON CONFLICT (job_id) DO UPDATE SET rejected = excluded.rejected, duplicates = excluded.duplicates,
        failed = excluded.failed`;
  },
});

/** Why the listing refused an item is kept, so that trying it again tells the same. */
function keptMetadata({ metadata, refusal }: ListedItem): { metadata?: Prisma.InputJsonValue } {
  const kept = refusal === null ? metadata : { refused: { code: refusal.code, reason: refusal.reason } };
  return kept === null ? {} : { metadata: kept as unknown as Prisma.InputJsonValue };
}

function itemRow(jobId: string, { ordinal, listed, earlier }: NewItem): Prisma.ImportItemCreateManyInput {
  const { kind, path, byteSize, modifiedMs, refusal } = listed;
  return {
    jobId,
    ordinal,
    kind,
    path,
    byteSize,
    modifiedMs,
    ...keptMetadata(listed),
    ...(refusal && { state: refusal.state ?? 'REJECTED', code: refusal.code, reason: refusal.reason }),
    ...(earlier && {
      state: earlier.state,
      contentHash: earlier.contentHash,
      imageId: earlier.imageId,
      ...(earlier.state === 'DUPLICATE' && { code: 'DUPLICATE', reason: 'as in the import before' }),
    }),
  };
}

const processing = (
  prisma: PrismaClient,
): Pick<ImportRepository, 'queued' | 'known' | 'heldByName' | 'commit'> => ({
  queued: (jobId, afterOrdinal, limit) =>
    prisma.importItem.findMany({
      where: { jobId, state: 'QUEUED', ordinal: { gt: afterOrdinal } },
      orderBy: { ordinal: 'asc' },
      take: limit,
    }),
  async known(datasetId, spaceId, hashes) {
    const rows = await prisma.$queryRaw<KnownContent[]>(knownContent(datasetId, spaceId, hashes));
    return new Map(rows.map((row) => [row.contentHash, row]));
  },
  async heldByName(datasetId, names) {
    const lastPart = (name: string) => name.slice(name.lastIndexOf('/') + 1);
    const rows = await prisma.$queryRaw<HeldPhoto[]>(photosNamed(datasetId, names.map(lastPart)));
    return new Map(
      names.flatMap((name) => {
        const same = rows.filter(({ fileName }) => fileName === name);
        const [found, another] =
          same.length > 0 ? same : rows.filter((row) => row.fileName.endsWith(`/${name}`));
        return found === undefined || another !== undefined ? [] : [[name, found] as const];
      }),
    );
  },
  commit: (batch) =>
    prisma.$transaction(async (tx) => {
      await holdLease(tx, batch.jobId, batch.owner);
      await holdSpace(tx, batch.spaceId);
      const held = await insertPhotos(tx, batch);
      await insertVectors(
        tx,
        batch.spaceId,
        batch.photos.flatMap(({ contentHash, vector }) => {
          const image = held.get(contentHash);
          return vector === null || image === undefined
            ? []
            : [{ imageId: image.id, datasetId: batch.datasetId, vector }];
        }),
      );
      await concludeItems(tx, batch, held, await concludeQueries(tx, batch));
    }, JOB_TRANSACTION),
});

interface HeldImage {
  readonly id: string;
  readonly contentHash: string;
  readonly fileName: string;
  readonly deletedAt: Date | null;
}

/** Stores what is new and refreshes what a manifest says about the rest. @returns what the dataset now holds. */
async function insertPhotos(tx: Transaction, batch: ItemBatch): Promise<Map<string, HeldImage>> {
  const { datasetId, photos } = batch;
  const fresh = photos.flatMap(({ picture, contentHash, path, byteSize, metadata }) =>
    picture === null
      ? []
      : [{ datasetId, contentHash, fileName: path, byteSize, ...picture, ...described(metadata) }],
  );
  const hashes = photos.map(({ contentHash }) => contentHash);
  const before = new Set((await heldImages(tx, datasetId, hashes)).map(({ contentHash }) => contentHash));
  if (fresh.length > 0) await tx.image.createMany({ data: fresh, skipDuplicates: true });
  const byHash = new Map(
    (await heldImages(tx, datasetId, hashes)).map((image) => [image.contentHash, image]),
  );
  const known = photos.filter(
    ({ contentHash, metadata, path }) =>
      metadata !== null && before.has(contentHash) && byHash.get(contentHash)?.fileName === path,
  );
  const earlier = await earlierMetadata(tx, batch, known);
  for (const { listedPath, metadata, contentHash } of known) {
    const image = byHash.get(contentHash);
    // What the list says as it did before is no news: a curator may have put it right since.
    const data = changedFields(described(earlier.get(listedPath) ?? null), described(metadata));
    if (!image || image.deletedAt !== null || Object.keys(data).length === 0) continue;
    await tx.image.update({ where: { id: image.id }, data });
  }
  return byHash;
}

const heldImages = (tx: Transaction, datasetId: string, hashes: string[]): Promise<HeldImage[]> =>
  tx.image.findMany({
    where: { datasetId, contentHash: { in: hashes } },
    select: { id: true, contentHash: true, fileName: true, deletedAt: true },
  });

/** What the latest import before this one was told about photos, by the path that both list. */
async function earlierMetadata(
  tx: Transaction,
  { datasetId, jobId }: ItemBatch,
  photos: readonly CommittedPhoto[],
): Promise<Map<string, ItemMetadata | null>> {
  if (photos.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ path: string; metadata: ItemMetadata | null }[]>`
    SELECT DISTINCT ON (i.path) i.path, i.metadata FROM import_item i JOIN job j ON j.id = i.job_id
    WHERE i.path = ANY(${photos.map(({ listedPath }) => listedPath)}::text[]) AND i.kind = 'PHOTO'
      AND i.image_id IS NOT NULL AND j.dataset_id = ${datasetId}::uuid AND j.id <> ${jobId}::uuid
    ORDER BY i.path, j.id DESC`;
  return new Map(rows.map(({ path, metadata }) => [path, metadata]));
}

const described = (metadata: ItemMetadata | null) => ({
  className: metadata?.class ?? null,
  split: metadata?.split ?? null,
  captions: [...(metadata?.captions ?? [])],
  // Without a word about them, the tags that a curator gave stay.
  ...(metadata?.tags && { tags: [...metadata.tags] }),
  attributes: (metadata?.attributes ?? {}) as Prisma.InputJsonValue,
});

async function insertVectors(
  tx: Transaction,
  spaceId: number,
  vectors: readonly { imageId: string; datasetId: string; vector: string }[],
): Promise<void> {
  if (vectors.length === 0) return;
  await holdSequence(tx);
  await tx.$executeRaw`
    INSERT INTO embedding (space_id, image_id, dataset_id, vector)
    SELECT ${spaceId}::int, u.image_id, u.dataset_id, u.vector::vector
    FROM unnest(${vectors.map((row) => row.imageId)}::uuid[], ${vectors.map((row) => row.datasetId)}::uuid[],
      ${vectors.map((row) => row.vector)}::text[]) AS u(image_id, dataset_id, vector)
    JOIN image p ON p.id = u.image_id AND p.deleted_at IS NULL
    ON CONFLICT (space_id, image_id) DO NOTHING`;
}

async function concludeItems(
  tx: Transaction,
  batch: ItemBatch,
  held: ReadonlyMap<string, HeldImage>,
  queries: readonly Conclusion[],
): Promise<void> {
  const all: Conclusion[] = [
    ...queries,
    ...batch.photos.map((photo) => conclude(photo, held.get(photo.contentHash))),
    ...batch.rejections.map((rejection) => ({ ...rejection, contentHash: null, imageId: null })),
  ];
  const column = <K extends keyof Conclusion>(key: K) => all.map((item) => item[key]);
  // Only what is still queued counts, so that nothing is ever counted twice.
  const rows = await tx.$queryRaw<{ state: ItemState; count: number }[]>`
    WITH concluded AS (
      UPDATE import_item i SET state = u.state::item_state, code = u.code, reason = u.reason,
        content_hash = u.content_hash, image_id = u.image_id
      FROM unnest(${column('ordinal')}::int[], ${column('state')}::text[], ${column('code')}::text[],
        ${column('reason')}::text[], ${column('contentHash')}::text[], ${column('imageId')}::uuid[])
        AS u(ordinal, state, code, reason, content_hash, image_id)
      WHERE i.job_id = ${batch.jobId}::uuid AND i.ordinal = u.ordinal AND i.state = 'QUEUED'
      RETURNING i.state)
    SELECT state::text AS state, count(*)::int AS count FROM concluded GROUP BY state`;
  const counted = (state: ItemState) => rows.find((row) => row.state === state)?.count ?? 0;
  const { jobId, ratePerSecond } = batch;
  await addProgress(tx, { jobId, ratePerSecond, done: rows.reduce((sum, { count }) => sum + count, 0) });
  await addTally(tx, jobId, {
    rejected: counted('REJECTED'),
    duplicates: counted('DUPLICATE'),
    failed: counted('FAILED'),
  });
}

function conclude({ ordinal, path, contentHash }: CommittedPhoto, image: HeldImage | undefined): Conclusion {
  if (image === undefined) {
    const reason = 'the photo was deleted while the file was looked at';
    return { ordinal, state: 'FAILED', code: 'DELETED_MEANWHILE', reason, contentHash, imageId: null };
  }
  if (image.deletedAt !== null) {
    const reason = `a curator deleted this photo on ${image.deletedAt.toISOString().slice(0, 10)}; restore it to have it back`;
    return { ordinal, state: 'DUPLICATE', code: 'DELETED', reason, contentHash, imageId: image.id };
  }
  if (image.fileName === path) {
    return { ordinal, state: 'EMBEDDED', code: null, reason: null, contentHash, imageId: image.id };
  }
  const reason = `the same content as ${image.fileName}`;
  return { ordinal, state: 'DUPLICATE', code: 'DUPLICATE', reason, contentHash, imageId: image.id };
}

type Embedding = 'withoutVector' | 'countWithoutVector' | 'commitVectors';
type Asking = 'datasetForUrls' | 'uploadSession' | 'hasTaken' | 'isCancelled' | 'unfinished';

const asking = (prisma: PrismaClient): Pick<ImportRepository, Asking> => ({
  async datasetForUrls(name, urls) {
    const source = JSON.stringify({ kind: 'urls', urls });
    const rows = await prisma.$queryRaw<{ id: string }[]>`
      SELECT d.id FROM dataset d WHERE d.name = ${name} AND (
        EXISTS (SELECT 1 FROM job j
          WHERE j.dataset_id = d.id AND j.kind = 'IMPORT' AND j.payload->'source' = ${source}::jsonb)
        OR NOT (EXISTS (SELECT 1 FROM image i WHERE i.dataset_id = d.id)
          OR EXISTS (SELECT 1 FROM query q WHERE q.dataset_id = d.id)
          OR EXISTS (SELECT 1 FROM job j WHERE j.dataset_id = d.id AND j.finished_at IS NULL)
          OR EXISTS (SELECT 1 FROM upload_session u WHERE u.dataset_id = d.id)))`;
    return rows[0]?.id ?? null;
  },
  uploadSession: (id) => prisma.uploadSession.findUnique({ where: { id }, select: { datasetId: true } }),
  async hasTaken(jobId) {
    const state = { in: ['EMBEDDED', 'STORED', 'DUPLICATE'] satisfies ItemState[] };
    return (await prisma.importItem.findFirst({ where: { jobId, state } })) !== null;
  },
  async isCancelled(jobId) {
    const job = await prisma.job.findUnique({ where: { id: jobId }, select: { cancelRequested: true } });
    return job?.cancelRequested ?? true;
  },
  async unfinished(jobIds) {
    const rows = await prisma.job.findMany({
      where: { id: { in: [...jobIds] }, finishedAt: null },
      select: { id: true },
    });
    return new Set(rows.map(({ id }) => id));
  },
});

const embedding = (prisma: PrismaClient): Pick<ImportRepository, Embedding> => ({
  withoutVector: (spaceId, afterId, limit) =>
    prisma.image.findMany({
      where: { deletedAt: null, embeddings: { none: { spaceId } }, ...(afterId && { id: { gt: afterId } }) },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true, datasetId: true, contentHash: true, width: true, height: true },
    }),
  countWithoutVector: (spaceId) =>
    prisma.image.count({ where: { deletedAt: null, embeddings: { none: { spaceId } } } }),
  commitVectors: (batch) =>
    prisma.$transaction(async (tx) => {
      await holdLease(tx, batch.jobId, batch.owner);
      await insertVectors(tx, batch.spaceId, batch.vectors);
      const { jobId, vectors, failed, ratePerSecond } = batch;
      await addProgress(tx, { jobId, ratePerSecond, done: vectors.length + failed });
      await addTally(tx, jobId, { failed });
    }, JOB_TRANSACTION),
});
