import type { EmbeddingModel } from '@freestyle/core';
import { builder } from '../../platform/graphql/builder.js';

const authScopes = { role: 'VIEWER' } as const;

export const ModelRef = builder.objectRef<EmbeddingModel>('Model').implement({
  authScopes,
  description:
    'A pair of encoders over one space: photos and texts by the frozen side, query pictures by the query side.',
  fields: (t) => ({
    name: t.exposeString('name'),
    dimensions: t.exposeInt('dimensions'),
    provider: t.exposeString('provider', { description: 'Where it really runs: cpu, cuda or webgpu.' }),
    spaceHash: t.exposeString('spaceHash', { description: 'Content hash of the gallery side.' }),
    queryHash: t.exposeString('queryHash', { description: 'Content hash of the query side.' }),
    styles: t.stringList({
      description: 'Styles that queries of this model were calibrated for.',
      resolve: ({ calibration }) => Object.keys(calibration).sort(),
    }),
  }),
});

builder.queryField('model', (t) =>
  t.field({
    datasets: 'NONE',
    type: ModelRef,
    authScopes,
    description: 'The one that answers searches now.',
    resolve: (_root, _args, { services }) => services.models.require().model,
  }),
);
