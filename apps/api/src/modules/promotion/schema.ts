import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { DatasetRef } from '../dataset/ref.js';
import { EvaluationRef } from '../evaluation/ref.js';
import { JobRef } from '../job/ref.js';
import { RegisteredModelRef } from '../model/ref.js';
import { PromotionRef } from '../model/registry-schema.js';
import type { Promotion } from '../model/repository.js';
import { GATE_CHECKS, type GateCheck, type GateSection } from './gate.js';
import type { ModelGate } from './service.js';

const authScopes = { role: 'VIEWER' } as const;
const mayChange = { role: 'CURATOR' } as const;

const CheckEnum = builder.enumType('GateCheckName', {
  values: Object.fromEntries(GATE_CHECKS.map((name) => [name, {}])) as Record<
    (typeof GATE_CHECKS)[number],
    object
  >,
});
const VerdictEnum = builder.enumType('GateVerdict', { values: ['BETTER', 'SAME', 'WORSE'] as const });

const CheckRef = builder.objectRef<GateCheck>('GateCheck').implement({
  authScopes,
  fields: (t) => ({
    name: t.field({ type: CheckEnum, resolve: ({ name }) => name }),
    passed: t.exposeBoolean('passed'),
    words: t.exposeString('words', { description: 'What was found, for people.' }),
  }),
});

const SectionRef = builder.objectRef<GateSection>('GateSection').implement({
  authScopes,
  description: 'One style, both models on the same queries.',
  fields: (t) => ({
    name: t.exposeString('name'),
    level: t.string({ resolve: ({ level }) => (level === 'class' ? 'CLASS' : 'PHOTO') }),
    queries: t.exposeInt('queries'),
    live: t.exposeFloat('live'),
    candidate: t.exposeFloat('candidate'),
    difference: t.exposeFloat('difference', { description: 'Candidate − live.' }),
    low: t.exposeFloat('low', { description: 'Of its 95 % interval.' }),
    high: t.exposeFloat('high'),
    tooFew: t.exposeBoolean('tooFew'),
    verdict: t.field({ type: VerdictEnum, resolve: ({ verdict }) => verdict }),
  }),
});

const GateRef = builder.objectRef<ModelGate>('ModelGate').implement({
  authScopes,
  description: 'Whether a model may answer in place of the one that does: a checklist.',
  fields: (t) => ({
    open: t.exposeBoolean('open'),
    metric: t.exposeString('metric'),
    target: t.exposeString('target', { description: 'What it has to be better on.' }),
    checks: t.field({
      type: [CheckRef],
      complexity: { multiplier: 2 },
      resolve: ({ checks }) => [...checks],
    }),
    sections: t.field({
      type: [SectionRef],
      complexity: { multiplier: 3 },
      resolve: ({ sections }) => [...sections],
    }),
    model: t.field({ type: RegisteredModelRef, resolve: ({ model }) => model }),
    liveModel: t.field({ type: RegisteredModelRef, resolve: ({ liveModel }) => liveModel }),
    evaluation: t.field({ type: EvaluationRef, nullable: true, resolve: ({ evaluation }) => evaluation }),
    liveEvaluation: t.field({
      type: EvaluationRef,
      nullable: true,
      resolve: ({ liveEvaluation }) => liveEvaluation,
    }),
  }),
});

builder.queryField('modelGate', (t) =>
  t.field({
    datasets: 'OWN',
    type: GateRef,
    authScopes,
    complexity: 50,
    args: {
      modelId: t.arg.globalID({ required: true, for: RegisteredModelRef }),
      metric: t.arg.string({ required: true, defaultValue: 'hit@1' }),
      target: t.arg.string({ description: 'A style; the mean over styles unless given.' }),
    },
    resolve: (_root, { modelId, metric, target }, { services }) =>
      services.promotions.gate({ modelId: modelId.id, metric, target: target ?? null }),
  }),
);

builder.objectField(RegisteredModelRef, 'evaluations', (t) =>
  t.field({
    type: [EvaluationRef],
    description: 'Finished evaluations of this very model, newest first; the last 20.',
    complexity: { multiplier: 5 },
    resolve: async (model, _args, { services }) =>
      (await services.promotions.evaluationsOf(model)).slice(0, 20),
  }),
);

const promoted = (name: string) =>
  builder.objectRef<{ readonly promotion: Promotion }>(name).implement({
    authScopes,
    fields: (t) => ({ promotion: t.field({ type: PromotionRef, resolve: ({ promotion }) => promotion }) }),
  });

interface Started {
  readonly started: Awaited<ReturnType<import('./service.js').PromotionService['evaluateBoth']>>;
}

const EvaluateBothSuccess = builder.objectRef<Started>('EvaluateBothSuccess').implement({
  authScopes,
  fields: (t) => ({
    evaluations: t.field({
      type: [EvaluationRef],
      resolve: ({ started }) => started.map(({ evaluation }) => evaluation),
    }),
    jobs: t.field({ type: [JobRef], resolve: ({ started }) => started.map(({ job }) => job) }),
  }),
});

builder.mutationFields((t) => ({
  promoteModel: t.field({
    datasets: 'OWN',
    type: promoted('PromoteModelSuccess'),
    authScopes: mayChange,
    description:
      'Lets a model answer searches: one transaction. Searches under way end with the model that they began with.',
    args: {
      modelId: t.arg.globalID({ required: true, for: RegisteredModelRef }),
      metric: t.arg.string({ required: true, defaultValue: 'hit@1' }),
      target: t.arg.string(),
      reason: t.arg.string({ description: 'Needed where the gate is closed, and kept.' }),
    },
    errors: {
      types: [NotFoundError, ForbiddenError, ValidationError, ConflictError],
      directResult: true,
      union: { name: 'PromoteModelResult' },
    },
    resolve: async (_root, { modelId, metric, target, reason }, { services, caller }) => ({
      promotion: await services.promotions.promote(
        { modelId: modelId.id, metric, target: target ?? null },
        reason ?? null,
        caller?.name ?? null,
      ),
    }),
  }),
  rollbackModel: t.field({
    datasets: 'OWN',
    type: promoted('RollbackModelSuccess'),
    authScopes: mayChange,
    description: 'Goes back to what answered before.',
    args: { reason: t.arg.string() },
    errors: {
      types: [NotFoundError, ForbiddenError, ValidationError, ConflictError],
      directResult: true,
      union: { name: 'RollbackModelResult' },
    },
    resolve: async (_root, { reason }, { services, caller }) => ({
      promotion: await services.promotions.rollback(reason ?? null, caller?.name ?? null),
    }),
  }),
  evaluateBoth: t.field({
    datasets: 'OWN',
    type: EvaluateBothSuccess,
    authScopes: mayChange,
    description: 'Judges a model and the one that answers on the very same version of a dataset.',
    args: {
      modelId: t.arg.globalID({ required: true, for: RegisteredModelRef }),
      datasetId: t.arg.globalID({ required: true, for: DatasetRef }),
      perStyle: t.arg.int({ description: 'Queries of each style at most.' }),
    },
    errors: {
      types: [NotFoundError, ForbiddenError, ValidationError, ConflictError],
      directResult: true,
      union: { name: 'EvaluateBothResult' },
    },
    resolve: async (_root, { modelId, datasetId, perStyle }, { services, caller }) => ({
      started: await services.promotions.evaluateBoth(
        modelId.id,
        datasetId.id,
        perStyle ?? null,
        caller?.name ?? null,
      ),
    }),
  }),
}));
