import {
  Prisma,
  type PrismaClient,
  type StyleSpace,
  type StyleSpaceVersion,
} from '../../generated/prisma/client.js';
import { inDatasets } from '../../platform/database/in-datasets.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import type { PictureSource } from './options.js';

export type { StyleSpace, StyleSpaceVersion };

export interface NewStyleSpace {
  readonly name: string;
  readonly datasetId: string;
  readonly versionId: string;
  readonly datasetName: string;
  readonly versionNumber: number;
  readonly versionHash: string;
  readonly source: PictureSource;
  readonly most: number | null;
  readonly requestedK: number | null;
  readonly seed: number;
  readonly startedBy: string | null;
}

export interface StyleSpaceRepository {
  create(space: NewStyleSpace): Promise<StyleSpace>;
  setJob(id: string, jobId: string): Promise<StyleSpace>;
  byIds(ids: readonly string[]): Promise<StyleSpace[]>;
  /** Newest first; keys are ids. */
  page(datasetId: string | readonly string[] | null, page: KeysetPage): Promise<StyleSpace[]>;
  count(datasetId: string | readonly string[] | null): Promise<number>;
  rename(id: string, name: string): Promise<StyleSpace>;
  delete(id: string): Promise<boolean>;
  /** The ready space that searches are told by. */
  chosen(): Promise<StyleSpace | null>;
  choose(id: string): Promise<StyleSpace>;
  ready(): Promise<StyleSpace[]>;
  versions(spaceId: string): Promise<StyleSpaceVersion[]>;
  version(spaceId: string, number: number): Promise<StyleSpaceVersion | null>;
  deleteVersion(spaceId: string, number: number): Promise<boolean>;
  /** Pictures of a dataset version: photos, and queries that are pictures. */
  countPictures(versionId: string): Promise<{ readonly photos: number; readonly queries: number }>;
}

export function createStyleSpaceRepository(prisma: PrismaClient): StyleSpaceRepository {
  return {
    create: (space) => prisma.styleSpace.create({ data: space }),
    setJob: (id, jobId) => prisma.styleSpace.update({ where: { id }, data: { jobId } }),
    byIds: (ids) => prisma.styleSpace.findMany({ where: { id: { in: [...ids] } } }),
    page: (datasetId, { after, before, limit, inverted }) =>
      prisma.styleSpace.findMany({
        where: {
          ...inDatasets(datasetId),
          id: { ...(after && { lt: after }), ...(before && { gt: before }) },
        },
        orderBy: { id: inverted ? 'asc' : 'desc' },
        take: limit,
      }),
    count: (datasetId) => prisma.styleSpace.count({ where: inDatasets(datasetId) }),
    rename: (id, name) => prisma.styleSpace.update({ where: { id }, data: { name } }),
    delete: async (id) => (await prisma.styleSpace.deleteMany({ where: { id } })).count > 0,
    chosen: () =>
      prisma.styleSpace.findFirst({
        where: { readyAt: { not: null } },
        orderBy: [{ chosenAt: { sort: 'desc', nulls: 'last' } }, { id: 'desc' }],
      }),
    choose: (id) => prisma.styleSpace.update({ where: { id }, data: { chosenAt: new Date() } }),
    ready: () => prisma.styleSpace.findMany({ where: { readyAt: { not: null } }, orderBy: { id: 'desc' } }),
    versions: (spaceId) =>
      prisma.styleSpaceVersion.findMany({ where: { spaceId }, orderBy: { number: 'desc' } }),
    version: (spaceId, number) =>
      prisma.styleSpaceVersion.findUnique({ where: { spaceId_number: { spaceId, number } } }),
    deleteVersion: async (spaceId, number) =>
      (await prisma.styleSpaceVersion.deleteMany({ where: { spaceId, number } })).count > 0,
    async countPictures(versionId) {
      const rows = await prisma.versionEntry.groupBy({
        by: ['isQuery'],
        where: { versionId, contentHash: { not: null } },
        _count: true,
      });
      const of = (isQuery: boolean) => rows.find((row) => row.isQuery === isQuery)?._count ?? 0;
      return { photos: of(false), queries: of(true) };
    },
  };
}

/** JSON as the database takes it. */
export const json = (value: unknown): Prisma.InputJsonValue => JSON.parse(JSON.stringify(value));
export const jsonOrNull = (value: unknown): Prisma.InputJsonValue | typeof Prisma.DbNull =>
  value === null || value === undefined ? Prisma.DbNull : json(value);
