import { BY_ID } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';
import { EvaluationRef, EvaluationResultRef } from '../evaluation/ref.js';
import { ImageRef } from '../photo/ref.js';
import { JUDGEMENT_KINDS, type Judgement, type JudgementKind } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;

const KindEnum = builder.enumType('JudgementKind', {
  values: {
    WRONG_LABEL: { description: 'What the query is said to mean is wrong.' },
    FOR_TRAINING: { description: 'The query is kept for the next training.' },
  } as const,
});

const kindOf = (text: string): JudgementKind =>
  JUDGEMENT_KINDS.find((kind) => kind === text) ?? 'WRONG_LABEL';

const JudgementRef = builder.objectRef<Judgement>('Judgement');
builder.node(JudgementRef, {
  authScopes,
  description: 'What a person said of a query of an evaluation, and when.',
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, { services }) => {
    const found = await services.judgements.byIds(ids);
    return ids.map((id) => found.find((one) => one.id === id) ?? null);
  },
  fields: (t) => ({
    kind: t.field({ type: KindEnum, resolve: ({ kind }) => kindOf(kind) }),
    section: t.exposeString('section'),
    queryKey: t.exposeString('queryKey'),
    note: t.exposeString('note', { nullable: true }),
    judgedBy: t.exposeString('judgedBy'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    image: t.field({
      type: ImageRef,
      nullable: true,
      resolve: ({ imageId }, _args, { loaders }) => (imageId === null ? null : loaders.images.load(imageId)),
    }),
  }),
});

builder.objectField(EvaluationResultRef, 'judgements', (t) =>
  t.field({
    type: [JudgementRef],
    description: 'What people said of this query.',
    resolve: ({ evaluationId, section, key }, _args, { services }) =>
      services.judgements.ofQueries(evaluationId, section, [key]),
  }),
);

builder.queryField('judgements', (t) =>
  t.connection(
    {
      datasets: 'OWN',
      type: JudgementRef,
      authScopes,
      description: 'Newest first.',
      args: {
        kind: t.arg({ type: KindEnum, required: false }),
        datasetId: t.arg.globalID({ required: false, for: DatasetRef }),
      },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: (_root, { kind, datasetId, ...args }, { services }) =>
        keysetConnection(args, BY_ID, (keys) =>
          services.judgements.page({ kind: kind ?? null, datasetId: datasetId?.id ?? null }, keys),
        ),
    },
    { name: 'JudgementConnection' },
    { name: 'JudgementEdge' },
  ),
);

const JudgeSuccess = builder.objectRef<{ readonly judgement: Judgement }>('JudgeSuccess').implement({
  authScopes,
  fields: (t) => ({ judgement: t.field({ type: JudgementRef, resolve: ({ judgement }) => judgement }) }),
});

builder.mutationField('judge', (t) =>
  t.field({
    datasets: 'OWN',
    type: JudgeSuccess,
    authScopes: { role: 'CURATOR' },
    description: 'Says of a query that its label is wrong, or that it is kept for the next training.',
    args: {
      kind: t.arg({ type: KindEnum, required: true }),
      evaluationId: t.arg.globalID({ required: true, for: EvaluationRef }),
      section: t.arg.string({ required: true }),
      key: t.arg.string({ required: true }),
      note: t.arg.string({ description: 'Up to 1,000 characters.' }),
    },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'JudgeResult' },
    },
    resolve: async (_root, { kind, evaluationId, section, key, note }, { services, caller }) => ({
      judgement: await services.judgements.judge({
        kind,
        evaluationId: evaluationId.id,
        section,
        queryKey: key,
        imageId: null,
        note: note ?? null,
        by: caller?.name ?? 'unknown',
      }),
    }),
  }),
);

const WithdrawSuccess = builder
  .objectRef<{ readonly withdrawn: boolean }>('WithdrawJudgementSuccess')
  .implement({
    authScopes,
    fields: (t) => ({ withdrawn: t.exposeBoolean('withdrawn') }),
  });

builder.mutationField('withdrawJudgement', (t) =>
  t.field({
    datasets: 'OWN',
    type: WithdrawSuccess,
    authScopes: { role: 'CURATOR' },
    args: { id: t.arg.globalID({ required: true, for: JudgementRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError],
      directResult: true,
      union: { name: 'WithdrawJudgementResult' },
    },
    resolve: async (_root, { id }, { services }) => {
      await services.judgements.withdraw(id.id);
      return { withdrawn: true };
    },
  }),
);
