import type { FacetCount } from '../database/paging.js';
import { builder } from './builder.js';

export const FacetCountRef = builder.objectRef<FacetCount>('FacetCount').implement({
  authScopes: { role: 'VIEWER' },
  description: 'How often a value occurs.',
  fields: (t) => ({
    value: t.exposeString('value', { description: 'Empty for those that have none.' }),
    count: t.exposeInt('count'),
  }),
});
