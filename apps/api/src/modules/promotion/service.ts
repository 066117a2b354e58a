import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { EmbeddingSpaceService } from '../embedding-space/service.js';
import type { Evaluation } from '../evaluation/repository.js';
import type { EvaluationService } from '../evaluation/service.js';
import type { ModelRepository, NewPromotion, Promotion, RegisteredModel } from '../model/repository.js';
import type { LiveModel, ModelService } from '../model/service.js';
import { type PromotionGate, promotionGate } from './gate.js';

/** A model beside the one that answers. */
export interface ModelGate extends PromotionGate {
  readonly model: RegisteredModel;
  readonly liveModel: RegisteredModel;
  /** The judgements that it is made of; null where there are none on common data. */
  readonly evaluation: Evaluation | null;
  readonly liveEvaluation: Evaluation | null;
}

export interface GateQuestion {
  readonly modelId: string;
  readonly metric: string;
  readonly target: string | null;
}

export interface PromotionService {
  /** @throws {NotFoundError} */
  gate(question: GateQuestion): Promise<ModelGate>;
  /** Judges a model and the one that answers on the very same version of a dataset. */
  evaluateBoth(
    modelId: string,
    datasetId: string,
    perStyle: number | null,
    startedBy: string | null,
  ): Promise<readonly { readonly evaluation: Evaluation; readonly job: Job }[]>;
  /** Evaluations of a model that are over, newest first. */
  evaluationsOf(model: RegisteredModel): Promise<Evaluation[]>;
  /** Lets a model answer. @param reason needed where the gate is closed.
   *  @throws {ConflictError} with what the gate says, where no reason is given; and while photos lack vectors there. */
  promote(question: GateQuestion, reason: string | null, by: string | null): Promise<Promotion>;
  /** Goes back to what answered before. @throws {ConflictError} where there is nothing to go back to. */
  rollback(reason: string | null, by: string | null): Promise<Promotion>;
}

export interface PromotionServiceParts {
  readonly repository: ModelRepository;
  readonly models: ModelService;
  readonly spaces: EmbeddingSpaceService;
  readonly evaluations: EvaluationService;
  compare: EvaluationService['compare'];
}

/** Comparisons of finished evaluations never change, and take a second where there are thousands of queries. */
export function rememberComparisons(compare: EvaluationService['compare']): EvaluationService['compare'] {
  const known = new Map<string, ReturnType<EvaluationService['compare']>>();
  return (ids, metric) => {
    const key = JSON.stringify([ids, metric]);
    const found = known.get(key) ?? compare(ids, metric);
    known.delete(key);
    known.set(key, found);
    found.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return found;
  };
}

const MOST_REMEMBERED = 20;

/** A reason says something. */
const MIN_REASON = 8;
const MAX_REASON = 500;

export function createPromotionService(parts: PromotionServiceParts): PromotionService {
  const { repository, models, evaluations } = parts;
  return {
    gate: (question) => gateOf(parts, question),
    async evaluateBoth(modelId, datasetId, perStyle, startedBy) {
      const model = await required(repository, modelId);
      const live = await required(repository, models.require().modelId);
      const options = { split: null, styles: null, mixed: [], perStyle, paperBatch: null };
      const wanted = model.id === live.id ? [model] : [live, model];
      const started: { readonly evaluation: Evaluation; readonly job: Job }[] = [];
      for (const { encoder } of wanted) {
        const versionId = started[0]?.evaluation.versionId ?? null;
        started.push(
          await evaluations.evaluate({ datasetId, versionId, encoder, name: null, options, startedBy }),
        );
      }
      return started;
    },
    evaluationsOf: (model) => judgements(evaluations, model),
    async promote(question, reason, by) {
      const why = checkReason(reason);
      const gate = await gateOf(parts, question);
      const { model } = gate;
      if (models.require().modelId === model.id) throw new ConflictError(`${model.name} answers already.`);
      if (!gate.open && why === null) {
        const closed = gate.checks.filter(({ passed }) => !passed).map(({ words }) => words);
        throw new ConflictError(
          `The gate is closed: ${closed.join(' ')} To promote it all the same, give a reason of ${MIN_REASON} characters or more; it is kept.`,
        );
      }
      const next = await models.prepare(model.id);
      const isOther = next.spaceId !== models.require().spaceId;
      return goLive(parts, next, model, {
        kind: isOther ? 'SWITCH' : 'PROMOTE',
        reason: why,
        overridden: !gate.open,
        gate: { checks: gate.checks, sections: gate.sections, metric: gate.metric, target: gate.target },
        promotedBy: by,
      });
    },
    async rollback(reason, by) {
      const why = checkReason(reason, 0);
      const model = await earlier(repository, models.require().modelId);
      const next = await models.prepare(model.id);
      return goLive(parts, next, model, { kind: 'ROLLBACK', reason: why, promotedBy: by });
    },
  };
}

async function goLive(
  { repository, models }: PromotionServiceParts,
  next: LiveModel,
  model: RegisteredModel,
  promotion: NewPromotion,
): Promise<Promotion> {
  const isOther = next.spaceId !== models.require().spaceId;
  const missing = await repository.answerWith(next.spaceId, model, promotion, isOther);
  if (missing > 0)
    throw new ConflictError(
      `${missing} ${missing === 1 ? 'photo has' : 'photos have'} no vector in the space of ${model.name}: encode the gallery for it first. Nothing was changed.`,
    );
  models.swap(next);
  const [made] = await repository.promotions(1, null);
  if (made === undefined) throw new NotFoundError('The promotion was not kept.');
  return made;
}

/** The one that answered before: of the newest change that led to what answers now. */
async function earlier(repository: ModelRepository, liveId: string): Promise<RegisteredModel> {
  const changes = await repository.promotions(50, null);
  for (const { modelId, fromId } of changes) {
    if (modelId !== liveId || fromId === null || fromId === liveId) continue;
    const [model] = await repository.byIds([fromId]);
    if (model !== undefined && model.trouble === null) return model;
  }
  throw new ConflictError('Nothing answered before this one that could be gone back to.');
}

async function required(repository: ModelRepository, id: string): Promise<RegisteredModel> {
  const [model] = isUuid(id) ? await repository.byIds([id]) : [];
  if (model === undefined) throw new NotFoundError('There is no such model.');
  return model;
}

function checkReason(reason: string | null, least = MIN_REASON): string | null {
  const text = reason?.trim() || null;
  if (text !== null && (text.length < least || text.length > MAX_REASON))
    throw ValidationError.at(
      ['reason'],
      `expected ${least} to ${MAX_REASON} characters that say why, got ${text.length}`,
    );
  return text;
}

async function gateOf(parts: PromotionServiceParts, question: GateQuestion): Promise<ModelGate> {
  const { repository, models, spaces, evaluations } = parts;
  const live = models.require();
  const [model, liveModel] = await Promise.all([
    required(repository, question.modelId),
    required(repository, live.modelId),
  ]);
  const pair = await commonJudgement(evaluations, liveModel, model);
  const isOtherSpace = model.spaceHash !== live.model.spaceHash;
  const compared =
    pair === null ? null : await parts.compare([pair.live.id, pair.candidate.id], question.metric);
  const trouble =
    model.trouble ??
    (await models.place(model).then(
      () => null,
      (error: unknown) =>
        live.modelId === model.id ? null : error instanceof Error ? error.message : String(error),
    ));
  const gate = promotionGate({
    trouble,
    missing: isOtherSpace ? await missingIn(spaces, model.spaceHash) : 0,
    isOtherSpace,
    judgedOn: pair && `${pair.live.datasetName} v${pair.live.versionNumber}`,
    comparisons: compared?.comparisons ?? [],
    metric: question.metric,
    target: question.target,
  });
  return {
    ...gate,
    model,
    liveModel,
    evaluation: pair?.candidate ?? null,
    liveEvaluation: pair?.live ?? null,
  };
}

async function missingIn(spaces: EmbeddingSpaceService, spaceHash: string): Promise<number> {
  const all = await spaces.all();
  const space = all.find((one) => one.spaceHash === spaceHash);
  // Without a space of its own, nothing is encoded yet: the count of any other tells how many photos there are.
  const id = space?.id ?? all[0]?.id;
  if (id === undefined) return 0;
  const counts = (await spaces.counts([String(id)])).get(String(id));
  if (counts === undefined) return 0;
  return space ? counts.missing : counts.vectors + counts.missing;
}

/** Finished evaluations of this very model, and not of another that had its name before. */
async function judgements(evaluations: EvaluationService, model: RegisteredModel): Promise<Evaluation[]> {
  const found = await evaluations.finishedOf(model.encoder);
  return found.filter(({ report }) => {
    const { queryHash, spaceHash } = (report ?? {}) as { queryHash?: unknown; spaceHash?: unknown };
    return model.kind === 'BACKBONE' ? spaceHash === model.spaceHash : queryHash === model.contentHash;
  });
}

/** The newest evaluation of the candidate that has one of the live model on the same data, asked for alike. */
async function commonJudgement(
  evaluations: EvaluationService,
  live: RegisteredModel,
  candidate: RegisteredModel,
): Promise<{ readonly live: Evaluation; readonly candidate: Evaluation } | null> {
  const [ofLive, ofCandidate] = await Promise.all(
    [live, candidate].map((model) => judgements(evaluations, model)),
  );
  if (live.id === candidate.id) return null;
  const keyOf = ({ versionHash, options }: Evaluation) => {
    const { split, styles, mixed, perStyle } = options as Record<string, unknown>;
    return JSON.stringify([versionHash, split, styles, mixed, perStyle]);
  };
  for (const one of ofCandidate ?? []) {
    const other = ofLive?.find((evaluation) => keyOf(evaluation) === keyOf(one));
    if (other) return { live: other, candidate: one };
  }
  return null;
}
