import type { Judgement, PrismaClient } from '../../generated/prisma/client.js';
import { inDatasets } from '../../platform/database/in-datasets.js';
import type { KeysetPage } from '../../platform/database/paging.js';

export type { Judgement };

export const JUDGEMENT_KINDS = ['WRONG_LABEL', 'FOR_TRAINING'] as const;
export type JudgementKind = (typeof JUDGEMENT_KINDS)[number];

export interface NewJudgement {
  readonly kind: JudgementKind;
  readonly datasetId: string | null;
  readonly evaluationId: string;
  readonly section: string;
  readonly queryKey: string;
  readonly imageId: string | null;
  readonly note: string | null;
  readonly judgedBy: string;
}

export interface JudgementRepository {
  /** The one that is there already, or a new one. */
  add(one: NewJudgement): Promise<Judgement>;
  byIds(ids: readonly string[]): Promise<Judgement[]>;
  remove(id: string): Promise<boolean>;
  /** Newest first; keys are ids. */
  page(
    filter: { readonly kind: JudgementKind | null; readonly datasetId: string | readonly string[] | null },
    page: KeysetPage,
  ): Promise<Judgement[]>;
  ofQueries(evaluationId: string, section: string, keys: readonly string[]): Promise<Judgement[]>;
}

export function createJudgementRepository(prisma: PrismaClient): JudgementRepository {
  return {
    async add(one) {
      const { kind, evaluationId, section, queryKey, imageId } = one;
      const there = await prisma.judgement.findFirst({
        where: { kind, evaluationId, section, queryKey, imageId },
      });
      return there ?? prisma.judgement.create({ data: one });
    },
    byIds: (ids) => prisma.judgement.findMany({ where: { id: { in: [...ids] } } }),
    remove: async (id) => (await prisma.judgement.deleteMany({ where: { id } })).count > 0,
    page: ({ kind, datasetId }, { after, before, limit, inverted }) =>
      prisma.judgement.findMany({
        where: {
          ...(kind !== null && { kind }),
          ...inDatasets(datasetId),
          id: { ...(after && { lt: after }), ...(before && { gt: before }) },
        },
        orderBy: { id: inverted ? 'asc' : 'desc' },
        take: limit,
      }),
    ofQueries: (evaluationId, section, keys) =>
      prisma.judgement.findMany({ where: { evaluationId, section, queryKey: { in: [...keys] } } }),
  };
}
