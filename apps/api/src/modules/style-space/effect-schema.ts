import { builder } from '../../platform/graphql/builder.js';
import type { StyleEffect } from './options.js';

const authScopes = { role: 'VIEWER' } as const;

const StyleEffectRowRef = builder.objectRef<StyleEffect['styles'][number]>('StyleEffectRow').implement({
  authScopes,
  description: 'Recall of the queries of one style over the clusters before and after the edits.',
  fields: (t) => ({
    style: t.exposeString('style'),
    queries: t.exposeInt('queries'),
    changed: t.exposeInt('changed', { description: 'Queries that are in another cluster.' }),
    hitAt1Before: t.exposeFloat('before'),
    hitAt1After: t.exposeFloat('after'),
    low: t.exposeFloat('low', { description: 'Of the difference, 95 % interval over targets.' }),
    high: t.exposeFloat('high'),
    p: t.exposeFloat('p', { description: 'Paired permutation test, two-sided.' }),
    hitAt10Before: t.exposeFloat('before10'),
    hitAt10After: t.exposeFloat('after10'),
  }),
});

export const StyleEffectRef = builder.objectRef<StyleEffect>('StyleEffect').implement({
  authScopes,
  description:
    'What edits do to recall: the live query encoder over the clusters before and after, before any training on them.',
  fields: (t) => ({
    revision: t.exposeInt('revision', { description: 'Of the edits that were measured.' }),
    encoder: t.exposeString('encoder'),
    split: t.exposeString('split', { nullable: true, description: 'Null where all queries were taken.' }),
    gallery: t.exposeInt('gallery'),
    changed: t.exposeInt('changed', { description: 'Queries that are in another cluster than before.' }),
    styles: t.field({ type: [StyleEffectRowRef], resolve: ({ styles }) => styles }),
  }),
});
