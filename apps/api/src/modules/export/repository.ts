import type { PrismaClient, VersionEntry } from '../../generated/prisma/client.js';

/** A photo as it goes out. Its content names it: a dataset holds each content once. */
export interface ExportPhoto {
  readonly id: string;
  readonly contentHash: string;
  readonly fileName: string;
  readonly captions: readonly string[];
  readonly className: string | null;
  readonly split: string | null;
  readonly tags: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ExportQuery {
  readonly id: string;
  readonly style: string;
  /** Null for words. */
  readonly contentHash: string | null;
  /** Null for words and for what was made here. */
  readonly fileName: string | null;
  readonly text: string | null;
  /** Content of the photo that is meant; null where a class is. */
  readonly targetHash: string | null;
  readonly className: string | null;
  readonly split: string | null;
  readonly maker: string | null;
  readonly strength: number | null;
  readonly seed: number | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What goes out: a dataset as it is now, or one of its versions. */
export interface ExportSubject {
  readonly datasetId: string;
  readonly versionId: string | null;
}

export interface ExportedVersion {
  readonly id: string;
  readonly datasetId: string;
  readonly number: number;
  readonly name: string | null;
  readonly contentHash: string;
  readonly createdAt: Date;
}

export interface ExportRepository {
  version(id: string): Promise<ExportedVersion | null>;
  /** In the order in which they came in, without what is deleted. */
  photosAfter(subject: ExportSubject, afterId: string | null, limit: number): Promise<ExportPhoto[]>;
  /** In the order in which they came in, without those of deleted photos. */
  queriesAfter(subject: ExportSubject, afterId: string | null, limit: number): Promise<ExportQuery[]>;
}

export function createExportRepository(prisma: PrismaClient): ExportRepository {
  const entriesAfter = (
    versionId: string,
    isQuery: boolean,
    afterId: string | null,
    limit: number,
  ): Promise<VersionEntry[]> =>
    prisma.versionEntry.findMany({
      where: { versionId, isQuery, ...(afterId && { itemId: { gt: afterId } }) },
      orderBy: { itemId: 'asc' },
      take: limit,
    });

  return {
    version: (id) =>
      prisma.datasetVersion.findUnique({
        where: { id },
        select: { id: true, datasetId: true, number: true, name: true, contentHash: true, createdAt: true },
      }),
    async photosAfter({ datasetId, versionId }, afterId, limit) {
      if (versionId !== null) return (await entriesAfter(versionId, false, afterId, limit)).map(photoOfEntry);
      const rows = await prisma.image.findMany({
        where: { datasetId, deletedAt: null, ...(afterId && { id: { gt: afterId } }) },
        orderBy: { id: 'asc' },
        take: limit,
        select: {
          id: true,
          contentHash: true,
          fileName: true,
          captions: true,
          className: true,
          split: true,
          tags: true,
          attributes: true,
        },
      });
      return rows.map((row) => ({ ...row, attributes: recordOf(row.attributes) }));
    },
    async queriesAfter({ datasetId, versionId }, afterId, limit) {
      if (versionId !== null) return (await entriesAfter(versionId, true, afterId, limit)).map(queryOfEntry);
      const rows = await prisma.query.findMany({
        where: {
          datasetId,
          OR: [{ imageId: null }, { image: { deletedAt: null } }],
          ...(afterId && { id: { gt: afterId } }),
        },
        orderBy: { id: 'asc' },
        take: limit,
        include: { image: { select: { contentHash: true } } },
      });
      return rows.map(({ image, ...row }) => ({
        ...row,
        targetHash: image?.contentHash ?? null,
        attributes: recordOf(row.attributes),
      }));
    },
  };
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

function photoOfEntry({ itemId, contentHash, fileName, record }: VersionEntry): ExportPhoto {
  const fields = recordOf(record);
  return {
    id: itemId,
    contentHash: contentHash ?? '',
    fileName: fileName ?? '',
    captions: textsOf(fields.captions),
    className: textOf(fields.class),
    split: textOf(fields.split),
    tags: textsOf(fields.tags),
    attributes: recordOf(fields.attributes),
  };
}

function queryOfEntry({ itemId, contentHash, fileName, record }: VersionEntry): ExportQuery {
  const fields = recordOf(record);
  return {
    id: itemId,
    style: textOf(fields.style) ?? '',
    contentHash,
    fileName,
    text: textOf(fields.text),
    targetHash: textOf(fields.targetHash),
    className: textOf(fields.class),
    split: textOf(fields.split),
    maker: textOf(fields.maker),
    strength: numberOf(fields.strength),
    seed: numberOf(fields.seed),
    attributes: recordOf(fields.attributes),
  };
}
