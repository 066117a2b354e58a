import { builder } from '../../platform/graphql/builder.js';
import { DatasetRef } from '../dataset/ref.js';
import type { QueryStyle } from './repository.js';

const QueryStyleRef = builder.objectRef<QueryStyle>('QueryStyleCount').implement({
  authScopes: { role: 'VIEWER' },
  description: 'Queries of one style that came the same way.',
  fields: (t) => ({
    style: t.exposeString('style'),
    maker: t.exposeString('maker', {
      nullable: true,
      description: 'The style maker; null for what an import brought.',
    }),
    queryCount: t.exposeInt('queryCount'),
    photoCount: t.exposeInt('photoCount', { description: 'Photos that one of them means.' }),
  }),
});

builder.objectField(DatasetRef, 'queryStyles', (t) =>
  t.field({
    type: [QueryStyleRef],
    description: 'Which queries there are, by style and by what made them; the most frequent first.',
    resolve: ({ id }, _args, { loaders }) => loaders.queryStyles.load(id),
  }),
);
