import type {
  Prisma,
  PrismaClient,
  TrainingMetric,
  TrainingPace,
  TrainingRun,
} from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { holdLease, JOB_TRANSACTION } from '../../platform/jobs/job-transaction.js';
import type { Pace } from './estimate.js';
import type { TrainingSettings } from './settings.js';

export type { TrainingMetric, TrainingRun };

export interface NewTraining {
  readonly name: string;
  readonly datasetId: string;
  readonly versionId: string;
  readonly datasetName: string;
  readonly versionNumber: number;
  readonly versionHash: string;
  readonly backboneId: string;
  readonly styleSpace: string | null;
  readonly settings: TrainingSettings;
  readonly steps: number;
  readonly startedBy: string | null;
}

export interface Point {
  readonly series: string;
  readonly step: number;
  readonly value: number;
  readonly seen: boolean | null;
}

/** What a run knows of itself on the way. */
export type RunState = Partial<
  Pick<
    TrainingRun,
    | 'trained'
    | 'frozen'
    | 'startScore'
    | 'bestScore'
    | 'bestStep'
    | 'step'
    | 'imagesPerSecond'
    | 'secondsLeft'
    | 'finishedAt'
  >
>;

export interface TrainingRepository {
  create(run: NewTraining): Promise<TrainingRun>;
  setJob(id: string, jobId: string): Promise<TrainingRun>;
  byIds(ids: readonly string[]): Promise<TrainingRun[]>;
  page(page: KeysetPage): Promise<TrainingRun[]>;
  count(): Promise<number>;
  delete(id: string): Promise<boolean>;
  /** Keeps points and state, if the worker still holds the job. */
  keep(
    job: { readonly jobId: string; readonly owner: string },
    id: string,
    points: readonly Point[],
    state: RunState,
  ): Promise<void>;
  /** Forgets what was told after a step: a run that goes on from there tells it again. */
  forgetAfter(id: string, step: number): Promise<void>;
  metrics(id: string): Promise<TrainingMetric[]>;
  /** How many runs use a style space, by their names. */
  runsOnStyleSpace(prefix: string): Promise<string[]>;
  pace(key: string): Promise<TrainingPace | null>;
  setPace(key: string, pace: Pace): Promise<void>;
}

export const createTrainingRepository = (prisma: PrismaClient): TrainingRepository => ({
  create: ({ settings, ...run }) =>
    prisma.trainingRun.create({
      data: { ...run, method: settings.method, settings: settings as unknown as Prisma.InputJsonObject },
    }),
  setJob: (id, jobId) => prisma.trainingRun.update({ where: { id }, data: { jobId } }),
  byIds: (ids) => prisma.trainingRun.findMany({ where: { id: { in: [...ids] } } }),
  page: ({ after, before, limit, inverted }) =>
    prisma.trainingRun.findMany({
      where: { id: { ...(after && { lt: after }), ...(before && { gt: before }) } },
      orderBy: { id: inverted ? 'asc' : 'desc' },
      take: limit,
    }),
  count: () => prisma.trainingRun.count(),
  delete: async (id) => (await prisma.trainingRun.deleteMany({ where: { id } })).count > 0,
  keep: ({ jobId, owner }, id, points, state) =>
    prisma.$transaction(async (tx) => {
      await holdLease(tx, jobId, owner);
      if (points.length > 0)
        await tx.trainingMetric.createMany({
          data: points.map((point) => ({ ...point, runId: id })),
          skipDuplicates: true,
        });
      if (Object.keys(state).length > 0) await tx.trainingRun.update({ where: { id }, data: state });
    }, JOB_TRANSACTION),
  forgetAfter: async (runId, step) => {
    await prisma.trainingMetric.deleteMany({ where: { runId, step: { gt: step } } });
  },
  metrics: (runId) =>
    prisma.trainingMetric.findMany({ where: { runId }, orderBy: [{ series: 'asc' }, { step: 'asc' }] }),
  runsOnStyleSpace: async (prefix) =>
    (
      await prisma.trainingRun.findMany({
        where: { styleSpace: { startsWith: prefix } },
        select: { name: true },
      })
    ).map(({ name }) => name),
  pace: (key) => prisma.trainingPace.findUnique({ where: { key } }),
  setPace: async (key, pace) => {
    const data = { pace: { ...pace }, measuredAt: new Date() };
    await prisma.trainingPace.upsert({ where: { key }, create: { key, ...data }, update: data });
  },
});
