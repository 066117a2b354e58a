import type { FacetCount } from '../../platform/database/paging.js';
import { type LoadersOf, valueLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';
import { NO_TALLY } from './repository.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof ledgerLoaders> {}
}

export const ledgerLoaders = {
  jobStates: ({ ledger }: Services) => valueLoader<FacetCount[]>((ids) => ledger.countStates(ids), []),
  tallies: ({ ledger }: Services) => valueLoader((ids) => ledger.tallies(ids), NO_TALLY),
};
