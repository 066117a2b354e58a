import type { Prisma, PrismaClient, StyleCluster, StyleMembership } from '../../generated/prisma/client.js';
import { ConflictError } from '../../platform/errors.js';
import { holdLease, JOB_TRANSACTION } from '../../platform/jobs/job-transaction.js';
import type { Evidence, StoredEdit, StyleEffect } from './options.js';
import { json, jsonOrNull, type StyleSpaceVersion } from './repository.js';

export type { StyleCluster };

/** A picture of a space, without its feature. */
export interface PictureRow {
  readonly ordinal: number;
  readonly itemId: string;
  readonly isQuery: boolean;
  readonly style: string | null;
  readonly className: string | null;
  readonly split: string | null;
  readonly contentHash: string;
  readonly fileName: string | null;
  readonly targetId: string | null;
  readonly styleX: number;
  readonly styleY: number;
  readonly meaningX: number;
  readonly meaningY: number;
}

export interface NewCluster {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  readonly centre: Float32Array;
  readonly pinned: readonly number[];
  readonly count: number;
  readonly outside: number;
  readonly meanCosine: number;
  readonly styles: Readonly<Record<string, number>>;
}

/** A version as it is to be kept, with the place of every picture. */
export interface NewVersion {
  readonly number: number;
  readonly parent: number | null;
  readonly edits: readonly StoredEdit[];
  readonly effect: StyleEffect | null;
  readonly nextKey: number;
  readonly madeBy: string | null;
  readonly clusters: readonly NewCluster[];
  readonly labels: Int32Array;
  readonly cosines: Float32Array;
  readonly held: Uint8Array;
}

export interface BuiltSpace {
  readonly extractorHash: string;
  readonly modelName: string;
  readonly knownCosine: number;
  readonly evidence: Evidence | null;
  readonly pictures: readonly (PictureRow & { readonly feature: Float32Array })[];
  readonly version: NewVersion;
}

export interface StyleContentRepository {
  /** Keeps what was built, all at once. */
  finish(
    run: { readonly jobId: string; readonly owner: string },
    spaceId: string,
    built: BuiltSpace,
  ): Promise<void>;
  /** Keeps a new version where nobody saved one since `base`, and deletes the draft it came from.
   *  @throws {ConflictError} telling who was first. */
  save(spaceId: string, base: number, draftId: string, version: NewVersion): Promise<StyleSpaceVersion>;
  clusters(versionId: string): Promise<StyleCluster[]>;
  clustersOf(versionIds: readonly string[]): Promise<StyleCluster[]>;
  /** All pictures of a space in their order, with their features one after the other. */
  pictures(spaceId: string): Promise<{ readonly rows: PictureRow[]; readonly features: Float32Array }>;
  members(versionId: string): Promise<Pick<StyleMembership, 'ordinal' | 'cluster' | 'cosine' | 'held'>[]>;
}

const BATCH = 1000;

export function createStyleContentRepository(prisma: PrismaClient): StyleContentRepository {
  return {
    finish: ({ jobId, owner }, spaceId, built) =>
      prisma.$transaction(async (tx) => {
        await holdLease(tx, jobId, owner);
        await tx.stylePicture.deleteMany({ where: { spaceId } });
        await tx.styleSpaceVersion.deleteMany({ where: { spaceId } });
        for (let from = 0; from < built.pictures.length; from += BATCH) {
          const batch = built.pictures.slice(from, from + BATCH);
          await tx.stylePicture.createMany({
            data: batch.map(({ feature, ...row }) => ({ ...row, spaceId, feature: bytesOf(feature) })),
          });
        }
        await insertVersion(tx, spaceId, built.version);
        await tx.styleSpace.update({
          where: { id: spaceId },
          data: {
            extractorHash: built.extractorHash,
            modelName: built.modelName,
            knownCosine: built.knownCosine,
            evidence: jsonOrNull(built.evidence),
            pictureCount: built.pictures.length,
            head: built.version.number,
            readyAt: new Date(),
          },
        });
      }, JOB_TRANSACTION),
    save: (spaceId, base, draftId, version) =>
      prisma.$transaction(async (tx) => {
        const [space] = await tx.$queryRaw<{ head: number }[]>`
          SELECT head FROM style_space WHERE id = ${spaceId}::uuid FOR UPDATE`;
        if (space?.head !== base) throw await changedMeanwhile(tx, spaceId, base);
        const made = await insertVersion(tx, spaceId, version);
        await tx.styleSpace.update({ where: { id: spaceId }, data: { head: version.number } });
        await tx.styleDraft.deleteMany({ where: { id: draftId } });
        return made;
      }, JOB_TRANSACTION),
    clusters: (versionId) =>
      prisma.styleCluster.findMany({ where: { versionId }, orderBy: { ordinal: 'asc' } }),
    clustersOf: (versionIds) =>
      prisma.styleCluster.findMany({
        where: { versionId: { in: [...versionIds] } },
        orderBy: [{ versionId: 'asc' }, { ordinal: 'asc' }],
      }),
    async pictures(spaceId) {
      const found = await prisma.stylePicture.findMany({ where: { spaceId }, orderBy: { ordinal: 'asc' } });
      const width = (found[0]?.feature.byteLength ?? 0) / Float32Array.BYTES_PER_ELEMENT;
      const features = new Float32Array(width * found.length);
      const rows = found.map(({ feature, spaceId: _space, ...row }, at) => {
        features.set(floatsOf(feature), at * width);
        return row;
      });
      return { rows, features };
    },
    members: (versionId) =>
      prisma.styleMembership.findMany({
        where: { versionId },
        orderBy: { ordinal: 'asc' },
        select: { ordinal: true, cluster: true, cosine: true, held: true },
      }),
  };
}

async function insertVersion(
  tx: Prisma.TransactionClient,
  spaceId: string,
  { clusters, labels, cosines, held, edits, effect, ...version }: NewVersion,
): Promise<StyleSpaceVersion> {
  const made = await tx.styleSpaceVersion.create({
    data: { ...version, spaceId, edits: json(edits), effect: jsonOrNull(effect) },
  });
  await tx.styleCluster.createMany({
    data: clusters.map(({ centre, pinned, styles, ...cluster }, ordinal) => ({
      ...cluster,
      versionId: made.id,
      ordinal,
      centre: bytesOf(centre),
      pinned: [...pinned],
      styles: json(styles),
    })),
  });
  await tx.$executeRaw`
    INSERT INTO style_membership (version_id, ordinal, cluster, cosine, held)
    SELECT ${made.id}::uuid, row.ordinal - 1, row.cluster, row.cosine, row.held
    FROM unnest(${[...labels]}::int[], ${[...cosines]}::real[], ${[...held].map((one) => one === 1)}::bool[])
      WITH ORDINALITY AS row (cluster, cosine, held, ordinal)`;
  return made;
}

/** Who saved something since, and that nothing is lost by it. */
async function changedMeanwhile(
  tx: Prisma.TransactionClient,
  spaceId: string,
  base: number,
): Promise<ConflictError> {
  const newest = await tx.styleSpaceVersion.findFirst({ where: { spaceId }, orderBy: { number: 'desc' } });
  const who = newest?.madeBy ?? 'Somebody';
  const when = newest?.createdAt.toISOString().slice(0, 16).replace('T', ' ') ?? 'meanwhile';
  return new ConflictError(
    `${who} saved version ${newest?.number ?? base + 1} on ${when} UTC, after you began with version ${base}. Your edits are kept: take them over to version ${newest?.number ?? base + 1} and save again.`,
  );
}

/** A copy of its own: the database reads a buffer from its beginning. */
export const bytesOf = (values: Float32Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.slice().buffer as ArrayBuffer);

export const floatsOf = (bytes: Uint8Array): Float32Array =>
  new Float32Array(bytes.slice().buffer, 0, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
