import type { Comparison } from '@freestyle/core/evaluation';
import { builder } from '../../platform/graphql/builder.js';
import type { EvaluationComparison } from './compare.js';
import { EvaluationLevelEnum } from './figures-schema.js';
import { EvaluationRef, EvaluationResultRef } from './ref.js';
import type { Flip } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

const ComparisonRef = builder.objectRef<Comparison>('SectionComparison').implement({
  authScopes,
  description: 'Two evaluations on the queries that both have.',
  fields: (t) => ({
    a: t.exposeString('a'),
    b: t.exposeString('b'),
    section: t.exposeString('section'),
    level: t.field({ type: EvaluationLevelEnum, resolve: ({ level }) => level }),
    metric: t.exposeString('metric'),
    queries: t.exposeInt('queries'),
    onlyA: t.exposeInt('onlyA', { description: 'Queries that A alone has; not compared.' }),
    onlyB: t.exposeInt('onlyB'),
    valueA: t.exposeFloat('valueA'),
    valueB: t.exposeFloat('valueB'),
    difference: t.float({ description: 'B − A.', resolve: ({ value }) => value }),
    low: t.float({ description: 'Of its 95 % interval.', resolve: ({ ci95 }) => ci95[0] }),
    high: t.float({ resolve: ({ ci95 }) => ci95[1] }),
    tooFew: t.exposeBoolean('tooFew'),
    identical: t.exposeBoolean('identical', { description: 'No query is answered differently.' }),
    p: t.exposeFloat('p'),
    pHolm: t.exposeFloat('pHolm', {
      nullable: true,
      description: 'Corrected for every question asked; null where nothing differs.',
    }),
    won: t.int({ description: 'Queries that B answers better.', resolve: ({ won }) => won.length }),
    lost: t.int({ resolve: ({ lost }) => lost.length }),
  }),
});

const TieGroupRef = builder.objectRef<{ readonly names: readonly string[] }>('TieGroup').implement({
  authScopes,
  fields: (t) => ({ names: t.stringList({ resolve: ({ names }) => [...names] }) }),
});

const TieGroupsRef = builder.objectRef<EvaluationComparison['groups'][number]>('TieGroups').implement({
  authScopes,
  description: 'Evaluations that cannot be told apart stand in one group, best first.',
  fields: (t) => ({
    section: t.exposeString('section'),
    groups: t.field({
      type: [TieGroupRef],
      resolve: ({ groups }) => groups.map((names) => ({ names })),
    }),
  }),
});

const EvaluationComparisonRef = builder.objectRef<EvaluationComparison>('EvaluationComparison').implement({
  authScopes,
  fields: (t) => ({
    metric: t.exposeString('metric'),
    sentences: t.stringList({
      description: 'What can be said of each pair, in plain words.',
      resolve: ({ sentences }) => [...sentences],
    }),
    comparisons: t.field({
      type: [ComparisonRef],
      complexity: { multiplier: 10 },
      resolve: ({ comparisons }) => [...comparisons],
    }),
    groups: t.field({
      type: [TieGroupsRef],
      complexity: { multiplier: 5 },
      resolve: ({ groups }) => [...groups],
    }),
    notes: t.stringList({ resolve: ({ notes }) => [...notes] }),
    meanStyles: t.stringList({
      description: 'Styles that the mean over styles is over, all at one level.',
      resolve: ({ mean }) => [...(mean?.styles ?? [])],
    }),
  }),
});

builder.queryField('compareEvaluations', (t) =>
  t.field({
    datasets: 'OWN',
    type: EvaluationComparisonRef,
    authScopes,
    description: 'Two or more finished evaluations, each pair of them query by query.',
    args: {
      ids: t.arg.globalIDList({ required: true, for: EvaluationRef }),
      metric: t.arg.string({ required: true, defaultValue: 'hit@1' }),
    },
    resolve: (_root, { ids, metric }, { services }) =>
      services.evaluations.compare(
        ids.map(({ id }) => id),
        metric,
      ),
  }),
);

const FlipRef = builder
  .objectRef<Flip & { readonly ids: readonly [string, string] }>('EvaluationFlip')
  .implement({
    authScopes,
    description: 'A query that two evaluations answer differently.',
    fields: (t) => ({
      key: t.string({ resolve: ({ a }) => a.key }),
      a: t.field({ type: EvaluationResultRef, resolve: ({ a, ids }) => ({ ...a, evaluationId: ids[0] }) }),
      b: t.field({ type: EvaluationResultRef, resolve: ({ b, ids }) => ({ ...b, evaluationId: ids[1] }) }),
    }),
  });

const FlipsRef = builder
  .objectRef<{
    readonly total: number;
    readonly flips: readonly Flip[];
    readonly ids: readonly [string, string];
  }>('EvaluationFlips')
  .implement({
    authScopes,
    fields: (t) => ({
      totalCount: t.exposeInt('total'),
      flips: t.field({
        type: [FlipRef],
        resolve: ({ flips, ids }) => flips.map((flip) => ({ ...flip, ids })),
      }),
    }),
  });

builder.queryField('evaluationFlips', (t) =>
  t.field({
    datasets: 'OWN',
    type: FlipsRef,
    authScopes,
    description: 'Queries that B answers better than A, or worse; the largest change of rank first.',
    args: {
      evaluationA: t.arg.globalID({ required: true, for: EvaluationRef }),
      evaluationB: t.arg.globalID({ required: true, for: EvaluationRef }),
      section: t.arg.string({ required: true }),
      metric: t.arg.string({ required: true, defaultValue: 'hit@1' }),
      won: t.arg.boolean({ required: true, defaultValue: true }),
      first: t.arg.int({ required: false, defaultValue: 12 }),
    },
    complexity: ({ first }) => ({ multiplier: first ?? 12 }),
    resolve: async (_root, { evaluationA: a, evaluationB: b, section, metric, won, first }, { services }) => {
      const limit = Math.min(100, Math.max(0, first ?? 12));
      const found = await services.evaluations.flips(a.id, b.id, section, metric, won, limit);
      return { ...found, ids: [a.id, b.id] as const };
    },
  }),
);
