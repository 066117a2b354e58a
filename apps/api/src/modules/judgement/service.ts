import { narrowed, within } from '../../platform/auth/within.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import { NotFoundError, ValidationError } from '../../platform/errors.js';
import type { EvaluationService } from '../evaluation/service.js';
import type { Judgement, JudgementKind, JudgementRepository } from './repository.js';

export interface JudgeRequest {
  readonly kind: JudgementKind;
  readonly evaluationId: string;
  readonly section: string;
  readonly queryKey: string;
  /** The photo that it is about; null for the one that is meant. */
  readonly imageId: string | null;
  readonly note: string | null;
  readonly by: string;
}

export interface JudgementService {
  /** @throws {NotFoundError} @throws {ValidationError} for a note that is too long. */
  judge(request: JudgeRequest): Promise<Judgement>;
  byIds(ids: readonly string[]): Promise<Judgement[]>;
  withdraw(id: string): Promise<void>;
  page(
    filter: { readonly kind: JudgementKind | null; readonly datasetId: string | readonly string[] | null },
    page: KeysetPage,
  ): Promise<Judgement[]>;
  ofQueries(evaluationId: string, section: string, keys: readonly string[]): Promise<Judgement[]>;
}

const MAX_NOTE = 1000;

export function createJudgementService(
  judgements: JudgementRepository,
  evaluations: Pick<EvaluationService, 'byIds' | 'result'>,
): JudgementService {
  return {
    async judge({ kind, evaluationId, section, queryKey, imageId, note, by }) {
      const text = note?.trim() || null;
      if (text !== null && text.length > MAX_NOTE)
        throw ValidationError.at(['note'], `expected at most ${MAX_NOTE} characters, got ${text.length}`);
      if (text !== null) checkStorable(text, ['note']);
      const [evaluation] = await evaluations.byIds([evaluationId]);
      const result =
        evaluation === undefined ? null : await evaluations.result(evaluationId, section, queryKey);
      if (evaluation === undefined || result === null)
        throw new NotFoundError('The evaluation has no such query.');
      return judgements.add({
        kind,
        datasetId: evaluation.datasetId,
        evaluationId,
        section,
        queryKey,
        imageId: imageId ?? result.targetId,
        note: text,
        judgedBy: by,
      });
    },
    byIds: (ids) => judgements.byIds(ids.filter(isUuid)),
    async withdraw(id) {
      if (!isUuid(id) || !(await judgements.remove(id)))
        throw new NotFoundError('There is no such judgement.');
    },
    page: (filter, page) => judgements.page(filter, page),
    ofQueries: (evaluationId, section, keys) => judgements.ofQueries(evaluationId, section, keys),
  };
}

/** The service for a caller who may see some datasets alone. */
export function judgementsWithin(
  all: JudgementService,
  own: ReadonlySet<string>,
  evaluations: Pick<EvaluationService, 'byIds'>,
): JudgementService {
  const byIds: JudgementService['byIds'] = async (ids) => within(await all.byIds(ids), own);
  return {
    ...all,
    byIds,
    async judge(request) {
      if (within(await evaluations.byIds([request.evaluationId]), own).length === 0)
        throw new NotFoundError('The evaluation has no such query.');
      return all.judge(request);
    },
    async withdraw(id) {
      if ((await byIds([id])).length === 0) throw new NotFoundError('There is no such judgement.');
      await all.withdraw(id);
    },
    page: (filter, page) =>
      all.page({ ...filter, datasetId: narrowed(filter.datasetId as string | null, own) }, page),
  };
}
