import {
  type Evaluation,
  type EvaluationResult,
  Prisma,
  type PrismaClient,
} from '../../generated/prisma/client.js';
import { inDatasets } from '../../platform/database/in-datasets.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { holdLease, JOB_TRANSACTION } from '../../platform/jobs/job-transaction.js';
import { type KeptReport, keptReportSchema, resultSchema, type StoredResult } from './stored.js';

export type { Evaluation };

export interface NewEvaluation {
  readonly name: string;
  readonly encoder: string;
  readonly datasetId: string;
  readonly versionId: string;
  readonly datasetName: string;
  readonly versionNumber: number;
  readonly versionHash: string;
  readonly options: Prisma.InputJsonObject;
  readonly startedBy: string | null;
}

/** Which results are wanted. */
export interface ResultFilter {
  readonly section: string;
  readonly styleCluster?: string | null | undefined;
  readonly className?: string | null | undefined;
  /** Only queries whose first right photo came after this rank. */
  readonly missedAt?: number | null | undefined;
}

export interface EvaluationRepository {
  create(one: NewEvaluation): Promise<Evaluation>;
  setJob(id: string, jobId: string): Promise<Evaluation>;
  byIds(ids: readonly string[]): Promise<Evaluation[]>;
  /** Newest first; keys are ids. */
  page(datasetId: string | readonly string[] | null, page: KeysetPage): Promise<Evaluation[]>;
  count(datasetId: string | readonly string[] | null): Promise<number>;
  /** Those of an encoder that are over, newest first. */
  finishedOf(encoder: string, limit: number): Promise<Evaluation[]>;
  delete(id: string): Promise<boolean>;
  /** Keeps what was found, all at once: whoever was killed before begins this anew, and no query counts twice. */
  finish(
    run: { readonly jobId: string; readonly owner: string },
    id: string,
    report: Prisma.InputJsonObject,
    batches: AsyncIterable<readonly StoredResult[]>,
  ): Promise<void>;
  /** Worst first: by the rank of the first right photo, then by key. Keys are `rank:key`. */
  worst(id: string, filter: ResultFilter, page: KeysetPage): Promise<StoredResult[]>;
  countResults(id: string, filter: ResultFilter): Promise<number>;
  byKeys(id: string, section: string, keys: readonly string[]): Promise<StoredResult[]>;
  /** All of a section, or of every section, in the order of their keys. */
  results(id: string, section: string | null): Promise<StoredResult[]>;
}

export function createEvaluationRepository(prisma: PrismaClient): EvaluationRepository {
  return {
    create: (one) => prisma.evaluation.create({ data: one }),
    setJob: (id, jobId) => prisma.evaluation.update({ where: { id }, data: { jobId } }),
    byIds: (ids) => prisma.evaluation.findMany({ where: { id: { in: [...ids] } } }),
    page: (datasetId, { after, before, limit, inverted }) =>
      prisma.evaluation.findMany({
        where: {
          ...inDatasets(datasetId),
          id: { ...(after && { lt: after }), ...(before && { gt: before }) },
        },
        orderBy: { id: inverted ? 'asc' : 'desc' },
        take: limit,
      }),
    count: (datasetId) => prisma.evaluation.count({ where: inDatasets(datasetId) }),
    finishedOf: (encoder, limit) =>
      prisma.evaluation.findMany({
        where: { encoder, finishedAt: { not: null } },
        orderBy: { id: 'desc' },
        take: limit,
      }),
    delete: async (id) => (await prisma.evaluation.deleteMany({ where: { id } })).count > 0,
    finish: ({ jobId, owner }, id, report, batches) =>
      prisma.$transaction(async (tx) => {
        await holdLease(tx, jobId, owner);
        await tx.evaluationResult.deleteMany({ where: { evaluationId: id } });
        for await (const batch of batches) {
          await tx.evaluationResult.createMany({
            data: batch.map(({ seen, ...result }) => ({
              ...result,
              evaluationId: id,
              seen: seen ?? Prisma.DbNull,
            })),
          });
        }
        await tx.evaluation.update({ where: { id }, data: { report, finishedAt: new Date() } });
      }, JOB_TRANSACTION),
    async worst(id, filter, { after, before, limit, inverted }) {
      const rows = await prisma.evaluationResult.findMany({
        where: { ...whereOf(id, filter), ...past(after, 'after'), ...past(before, 'before') },
        orderBy: inverted ? [{ firstRank: 'asc' }, { key: 'desc' }] : [{ firstRank: 'desc' }, { key: 'asc' }],
        take: limit,
      });
      return rows.map(resultOf);
    },
    countResults: (id, filter) => prisma.evaluationResult.count({ where: whereOf(id, filter) }),
    async byKeys(id, section, keys) {
      const rows = await prisma.evaluationResult.findMany({
        where: { evaluationId: id, section, key: { in: [...keys] } },
      });
      return rows.map(resultOf);
    },
    async results(id, section) {
      const rows = await prisma.evaluationResult.findMany({
        where: { evaluationId: id, ...(section !== null && { section }) },
        orderBy: [{ section: 'asc' }, { key: 'asc' }],
      });
      return rows.map(resultOf);
    },
  };
}

const whereOf = (evaluationId: string, filter: ResultFilter): Prisma.EvaluationResultWhereInput => ({
  evaluationId,
  section: filter.section,
  ...(filter.styleCluster != null && { styleCluster: filter.styleCluster }),
  ...(filter.className != null && { className: filter.className }),
  ...(filter.missedAt != null && { AND: [{ firstRank: { gt: filter.missedAt } }] }),
});

/** Rows that come after, or before, a key of the list of worst queries. */
function past(key: string | null, side: 'after' | 'before'): Prisma.EvaluationResultWhereInput {
  const [, rank, own] = /^(\d+):(.+)$/.exec(key ?? '') ?? [];
  if (rank === undefined || own === undefined) return {};
  const firstRank = Number(rank);
  return side === 'after'
    ? { OR: [{ firstRank: { lt: firstRank } }, { firstRank, key: { gt: own } }] }
    : { OR: [{ firstRank: { gt: firstRank } }, { firstRank, key: { lt: own } }] };
}

const resultOf = (row: EvaluationResult): StoredResult => resultSchema.parse(row);

/** The kept report; null while the evaluation runs. */
export const keptReport = ({ report }: Evaluation): KeptReport | null =>
  report === null ? null : keptReportSchema.parse(report);
