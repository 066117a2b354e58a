import { builder } from './builder.js';

/** How often a value occurs. */
export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

export const FacetCountRef = builder.objectRef<FacetCount>('FacetCount').implement({
  authScopes: { role: 'VIEWER' },
  description: 'How often a value occurs.',
  fields: (t) => ({
    value: t.exposeString('value', { description: 'Empty for those that have none.' }),
    count: t.exposeInt('count'),
  }),
});
