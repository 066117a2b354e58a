import type { Image, Prisma, PrismaClient } from '../../generated/prisma/client.js';
import { addProgress, holdLease, JOB_TRANSACTION, setProgress } from '../../platform/jobs/job-transaction.js';
import { addTally, NO_TALLY, setTally } from '../ledger/repository.js';
import { type ImageScope, imageCondition } from '../photo/filter-sql.js';
import type { WantedVersion } from './wanted-versions.js';

export interface PhotoToBuild {
  readonly id: string;
  readonly contentHash: string;
  readonly fileName: string;
}

/** A query that was made and whose picture is stored. */
export interface MadeQuery {
  readonly imageId: string;
  readonly key: string;
  readonly style: string;
  readonly maker: string;
  readonly strength: number | null;
  readonly seed: number;
  readonly contentHash: string;
  readonly width: number;
  readonly height: number;
}

/** A version that could not be made. */
export interface BuildFailure {
  readonly ordinal: number;
  readonly path: string;
  readonly code: string;
  readonly reason: string;
  readonly imageId: string;
}

export interface BuildBatch {
  readonly jobId: string;
  /** Who must still hold the job's lease, or nothing is written. */
  readonly owner: string;
  readonly datasetId: string;
  readonly made: readonly MadeQuery[];
  readonly failures: readonly BuildFailure[];
  readonly ratePerSecond: number | null;
}

export interface BuildProgress {
  readonly total: number;
  readonly done: number;
}

export interface BuildRepository {
  /** Photos to show what makers do: the same ones at each call, from all over the dataset. */
  samplePhotos(datasetId: string, count: number): Promise<Image[]>;
  /** Those of the dataset's photos. */
  photosByIds(datasetId: string, ids: readonly string[]): Promise<Image[]>;
  countPhotos(scope: ImageScope): Promise<number>;
  photosAfter(scope: ImageScope, afterId: string | null, limit: number): Promise<PhotoToBuild[]>;
  /** How many of these versions the photos have. */
  countMade(scope: ImageScope, versions: readonly WantedVersion[]): Promise<number>;
  /** Which of the keys the dataset has. */
  existingKeys(datasetId: string, keys: readonly string[]): Promise<Set<string>>;
  /** Forgets what a run before could not make, and says what there is to do. @throws {LeaseLostError} */
  begin(jobId: string, owner: string, progress: BuildProgress): Promise<void>;
  /** Queries, ledger and counts in one transaction. @throws {LeaseLostError} */
  commit(batch: BuildBatch): Promise<void>;
  /** Ends the count: what went away meanwhile is waited for no more. */
  settle(jobId: string, owner: string): Promise<void>;
}

export function createBuildRepository(prisma: PrismaClient): BuildRepository {
  return {
    // Hashes are spread evenly, so the lowest ones are a fair and lasting draw.
    samplePhotos: (datasetId, count) =>
      prisma.image.findMany({
        where: { datasetId, deletedAt: null },
        orderBy: { contentHash: 'asc' },
        take: count,
      }),
    photosByIds: (datasetId, ids) => prisma.image.findMany({ where: { datasetId, id: { in: [...ids] } } }),
    async countPhotos(scope) {
      const [row] = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM image i WHERE ${imageCondition(scope)}`;
      return row?.count ?? 0;
    },
    photosAfter: (scope, afterId, limit) =>
      prisma.$queryRaw<PhotoToBuild[]>`
        SELECT i.id, i.content_hash::text AS "contentHash", i.file_name AS "fileName"
        FROM image i
        WHERE ${imageCondition(scope)} AND (${afterId}::uuid IS NULL OR i.id > ${afterId}::uuid)
        ORDER BY i.id LIMIT ${limit}::int`,
    async countMade(scope, versions) {
      const [row] = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count
        FROM query m JOIN image i ON i.id = m.image_id
          JOIN unnest(${versions.map(({ maker }) => maker)}::text[],
            ${versions.map(({ strength }) => strength)}::float8[]) AS v(maker, strength)
            ON m.maker = v.maker AND m.strength IS NOT DISTINCT FROM v.strength
        WHERE m.dataset_id = ${scope.datasetId}::uuid AND m.origin = 'MADE' AND ${imageCondition(scope)}`;
      return row?.count ?? 0;
    },
    async existingKeys(datasetId, keys) {
      const rows = await prisma.query.findMany({
        where: { datasetId, key: { in: [...keys] } },
        select: { key: true },
      });
      return new Set(rows.map(({ key }) => key));
    },
    begin: (jobId, owner, { total, done }) =>
      prisma.$transaction(async (tx) => {
        await holdLease(tx, jobId, owner);
        await tx.importItem.deleteMany({ where: { jobId } });
        await setProgress(tx, { jobId, total, done });
        await setTally(tx, jobId, NO_TALLY);
      }, JOB_TRANSACTION),
    commit: (batch) =>
      prisma.$transaction(async (tx) => {
        await holdLease(tx, batch.jobId, batch.owner);
        await insertMade(tx, batch);
        await insertFailures(tx, batch);
        const { jobId, made, failures, ratePerSecond } = batch;
        await addProgress(tx, { jobId, ratePerSecond, done: made.length + failures.length });
        await addTally(tx, jobId, { failed: failures.length });
      }, JOB_TRANSACTION),
    async settle(jobId, owner) {
      await prisma.$executeRaw`
        UPDATE job SET total = done WHERE id = ${jobId}::uuid AND lease_owner = ${owner}::uuid`;
    },
  };
}

/** A query follows its photo: class and split are the photo's, as they are at this moment. */
async function insertMade(tx: Prisma.TransactionClient, { datasetId, made }: BuildBatch): Promise<void> {
  if (made.length === 0) return;
  const photos = await tx.image.findMany({
    where: { datasetId, id: { in: made.map(({ imageId }) => imageId) } },
    select: { id: true, className: true, split: true },
  });
  const byId = new Map(photos.map((photo) => [photo.id, photo]));
  const data = made.flatMap((query) => {
    const photo = byId.get(query.imageId);
    if (photo === undefined) return [];
    const { className, split } = photo;
    return [{ ...query, datasetId, origin: 'MADE' as const, className, split }];
  });
  await tx.query.createMany({ data, skipDuplicates: true });
}

async function insertFailures(tx: Prisma.TransactionClient, { jobId, failures }: BuildBatch): Promise<void> {
  if (failures.length === 0) return;
  await tx.importItem.createMany({
    data: failures.map(({ ordinal, path, code, reason, imageId }) => ({
      jobId,
      ordinal,
      kind: 'QUERY' as const,
      path,
      state: 'FAILED' as const,
      code,
      reason,
      imageId,
    })),
  });
}
