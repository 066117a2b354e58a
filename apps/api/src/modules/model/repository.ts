import type {
  EmbeddingSpace,
  LiveEncoder,
  ModelKind,
  ModelOrigin,
  Prisma,
  PrismaClient,
  Promotion,
  RegisteredModel,
} from '../../generated/prisma/client.js';
import type { KeysetPage } from '../../platform/database/paging.js';

export type { EmbeddingSpace, LiveEncoder, ModelKind, ModelOrigin, Promotion, RegisteredModel };

export interface NewSpace {
  readonly spaceHash: string;
  readonly modelName: string;
  readonly dimensions: number;
}

/** What is to be registered; a model of the same kind and content is the same one. */
export interface NewModel {
  readonly kind: ModelKind;
  readonly name: string;
  /** Null for one whose name in evaluations follows from its id. */
  readonly encoder: string | null;
  readonly contentHash: string;
  readonly spaceHash: string;
  readonly dimensions: number;
  readonly origin: ModelOrigin;
  readonly source: string | null;
  readonly format: string;
  readonly licence?: string | null;
  readonly byteSize?: number;
  readonly facts?: unknown;
  readonly card?: string | null;
  readonly runId?: string | null;
  readonly addedBy?: string | null;
}

/** What answers searches, as the database has it. */
export interface Answering {
  readonly spaceId: number;
  readonly model: RegisteredModel;
  /** Whether a person made it so, and not a start of the server. */
  readonly isChosen: boolean;
}

/** A change of what answers. */
export interface NewPromotion {
  readonly kind: 'START' | 'PROMOTE' | 'ROLLBACK' | 'SWITCH';
  readonly reason?: string | null;
  readonly overridden?: boolean;
  readonly gate?: unknown;
  readonly promotedBy?: string | null;
}

export interface ModelRepository {
  /** Registers an embedding space, or finds it. @returns its number and the dimensions it was registered with. */
  ensureSpace(space: NewSpace): Promise<{ id: number; dimensions: number }>;
  register(model: NewModel): Promise<RegisteredModel>;
  byIds(ids: readonly string[]): Promise<RegisteredModel[]>;
  byHash(kind: ModelKind, contentHash: string): Promise<RegisteredModel | null>;
  ofRun(runId: string): Promise<RegisteredModel | null>;
  all(): Promise<RegisteredModel[]>;
  page(kind: ModelKind | null, page: KeysetPage): Promise<RegisteredModel[]>;
  count(kind: ModelKind | null): Promise<number>;
  setTrouble(id: string, trouble: string | null): Promise<void>;
  rename(id: string, name: string): Promise<RegisteredModel>;
  /** @returns false where a training or a space still names it. */
  delete(id: string): Promise<boolean>;
  /** Those that an earlier start brought, and that cannot be opened by what they were named any more. */
  retire(source: string | null, kept: readonly string[], trouble: string): Promise<void>;
  answering(): Promise<Answering | null>;
  pointers(): Promise<(LiveEncoder & { space: EmbeddingSpace })[]>;
  /** Names an encoder for a space without sending searches there; leaves one that is named already. */
  nameFor(spaceId: number, modelId: string): Promise<void>;
  /** Sends searches to a space and an encoder, and keeps that this was done: one transaction.
   *  @param complete whether every photo must have a vector there. @returns photos that have none; nothing was changed
   *  where there are some. */
  answerWith(
    spaceId: number,
    model: RegisteredModel,
    promotion: NewPromotion,
    complete: boolean,
  ): Promise<number>;
  promotions(limit: number, modelId: string | null): Promise<Promotion[]>;
}

export function createModelRepository(prisma: PrismaClient): ModelRepository {
  return { ...registering(prisma), ...answering(prisma) };
}

type Answers = 'answering' | 'pointers' | 'nameFor' | 'answerWith' | 'promotions';

const registering = (prisma: PrismaClient): Omit<ModelRepository, Answers> => ({
  async ensureSpace(space) {
    await prisma.embeddingSpace.createMany({ data: [space], skipDuplicates: true });
    return prisma.embeddingSpace.findUniqueOrThrow({
      where: { spaceHash: space.spaceHash },
      select: { id: true, dimensions: true },
    });
  },
  register: (model) =>
    prisma.$transaction(async (tx) => {
      const { kind, contentHash } = model;
      const { encoder, byteSize = 0, facts = {}, runId = null, ...rest } = model;
      const data = {
        ...rest,
        byteSize: BigInt(byteSize),
        facts: JSON.parse(JSON.stringify(facts)) as Prisma.InputJsonObject,
        encoder: encoder ?? '',
      };
      await tx.registeredModel.createMany({ data: [{ ...data, runId }], skipDuplicates: true });
      const row = await tx.registeredModel.findUniqueOrThrow({
        where: { kind_contentHash: { kind, contentHash } },
      });
      return tx.registeredModel.update({
        where: { id: row.id },
        data: {
          trouble: null,
          encoder: row.encoder || (encoder ?? `model/${row.id}`),
          ...(runId !== null && row.runId === null && { runId }),
          // What came with an older start is found where this one has it.
          ...(row.format === 'named' && { source: model.source, format: model.format }),
        },
      });
    }),
  byIds: (ids) => prisma.registeredModel.findMany({ where: { id: { in: [...ids] } } }),
  byHash: (kind, contentHash) =>
    prisma.registeredModel.findUnique({ where: { kind_contentHash: { kind, contentHash } } }),
  ofRun: (runId) => prisma.registeredModel.findFirst({ where: { runId } }),
  all: () => prisma.registeredModel.findMany({ orderBy: { id: 'desc' } }),
  page: (kind, { after, before, limit, inverted }) =>
    prisma.registeredModel.findMany({
      where: {
        ...(kind !== null && { kind }),
        id: { ...(after && { lt: after }), ...(before && { gt: before }) },
      },
      orderBy: { id: inverted ? 'asc' : 'desc' },
      take: limit,
    }),
  count: (kind) => prisma.registeredModel.count({ where: kind === null ? {} : { kind } }),
  setTrouble: async (id, trouble) => {
    await prisma.registeredModel.updateMany({ where: { id }, data: { trouble } });
  },
  rename: (id, name) => prisma.registeredModel.update({ where: { id }, data: { name } }),
  async delete(id) {
    const unused = { id, runs: { none: {} }, live: { none: {} } };
    return (await prisma.registeredModel.deleteMany({ where: unused })).count > 0;
  },
  retire: async (source, kept, trouble) => {
    await prisma.registeredModel.updateMany({
      where: { format: 'named', OR: [{ source }, { source: null }], contentHash: { notIn: [...kept] } },
      data: { trouble },
    });
  },
});

const answering = (prisma: PrismaClient): Pick<ModelRepository, Answers> => ({
  async answering() {
    const row = await prisma.liveEncoder.findFirst({ where: { answers: true }, include: { model: true } });
    if (row === null) return null;
    const last = await prisma.promotion.findFirst({ orderBy: { id: 'desc' }, select: { kind: true } });
    return { spaceId: row.spaceId, model: row.model, isChosen: last !== null && last.kind !== 'START' };
  },
  pointers: () => prisma.liveEncoder.findMany({ include: { space: true }, orderBy: { spaceId: 'asc' } }),
  nameFor: async (spaceId, modelId) => {
    await prisma.liveEncoder.createMany({ data: [{ spaceId, modelId }], skipDuplicates: true });
  },
  answerWith: (spaceId, model, promotion, complete) =>
    prisma.$transaction((tx) => answerWith(tx, spaceId, model, promotion, complete), { maxWait: 30_000 }),
  promotions: (limit, modelId) =>
    prisma.promotion.findMany({
      where: modelId === null ? {} : { OR: [{ modelId }, { fromId: modelId }] },
      orderBy: { id: 'desc' },
      take: limit,
    }),
});

async function answerWith(
  tx: Prisma.TransactionClient,
  spaceId: number,
  model: RegisteredModel,
  promotion: NewPromotion,
  complete: boolean,
): Promise<number> {
  // Every writer of vectors holds these rows while it commits: none of them commits into the space before.
  await tx.$queryRaw`SELECT 1 FROM live_encoder FOR UPDATE`;
  const missing = complete
    ? await tx.image.count({ where: { deletedAt: null, embeddings: { none: { spaceId } } } })
    : 0;
  if (missing > 0) return missing;
  const before = await tx.liveEncoder.findFirst({ where: { answers: true }, include: { model: true } });
  await tx.liveEncoder.updateMany({ where: { answers: true }, data: { answers: false } });
  const now = { modelId: model.id, answers: true, changedAt: new Date() };
  await tx.liveEncoder.upsert({ where: { spaceId }, create: { spaceId, ...now }, update: now });
  const { gate, ...told } = promotion;
  await tx.promotion.create({
    data: {
      ...told,
      modelId: model.id,
      modelName: model.name,
      fromId: before?.modelId ?? null,
      fromName: before?.model.name ?? null,
      spaceHash: model.spaceHash,
      ...(gate !== undefined && { gate: JSON.parse(JSON.stringify(gate)) as Prisma.InputJsonValue }),
    },
  });
  return 0;
}
