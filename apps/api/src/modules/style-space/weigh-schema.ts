import { builder } from '../../platform/graphql/builder.js';
import { StyleReportRef } from '../search/schema/style-report-ref.js';
import { StylePictureRef, StyleSpaceRef } from './ref.js';
import type { WeighedStyle } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

const ClusterWeightRef = builder.objectRef<WeighedStyle['weights'][number]>('StyleClusterWeight').implement({
  authScopes,
  fields: (t) => ({
    key: t.exposeString('key'),
    name: t.exposeString('name'),
    colour: t.exposeString('colour'),
    weight: t.exposeFloat('weight', { description: '0 to 1; together they are 1.' }),
  }),
});

const WeighedStyleRef = builder.objectRef<WeighedStyle>('WeighedStyle').implement({
  authScopes,
  description: 'A query picture against the clusters of the style space that searches are told by.',
  fields: (t) => ({
    styleSpace: t.field({ type: StyleSpaceRef, resolve: ({ space }) => space }),
    weights: t.field({
      type: [ClusterWeightRef],
      complexity: { multiplier: 1 },
      resolve: ({ weights }) => [...weights],
    }),
    nearest: t.field({
      type: [StylePictureRef],
      description: 'Pictures of the space that look most alike, nearest first.',
      complexity: { multiplier: 2 },
      resolve: ({ nearest }) => [...nearest],
    }),
    cosine: t.exposeFloat('cosine', { description: 'To the nearest centre.' }),
    isOutside: t.exposeBoolean('outside', { description: 'Outside every known style.' }),
  }),
});

builder.objectField(StyleReportRef, 'clusters', (t) =>
  t.field({
    type: WeighedStyleRef,
    nullable: true,
    description: 'Null without a style space, and for a model whose style network is another one.',
    resolve: ({ gram }, _args, { services }) =>
      gram === undefined ? null : services.styleSpaces.weigh(gram),
  }),
);
