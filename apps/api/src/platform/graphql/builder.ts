import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { hasRole, type Role } from '../auth/caller.js';
import { ForbiddenError, QueryTooComplexError, UnauthenticatedError, ValidationError } from '../errors.js';
import './access-plugin.js';
import type { Context } from './context.js';
import { parseMoment } from './parse-moment.js';

export interface SchemaTypes {
  Context: Context;
  /** `role`: the caller has this role or a higher one. */
  AuthScopes: { role: Role };
  Scalars: { DateTime: { Input: Date; Output: Date }; JSON: { Input: unknown; Output: unknown } };
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  DefaultFieldNullability: false;
}

/** Deepest selection, highest cost and most fields of one operation. The largest page of search hits with all their
 *  details costs about 3,500. */
export const QUERY_LIMITS = { depth: 12, complexity: 10_000, breadth: 400 } as const;

/** Ids that `nodes` takes. */
export const MAX_NODES = 100;

const viewer = { role: 'VIEWER' } as const;

/** The code-first schema. Types that only hang below guarded fields carry the same rule as their parents,
 *  so that no field is without one whatever it is reached from. */
export const builder = new SchemaBuilder<SchemaTypes>({
  // The first plugin wraps the others: refusals of the rules become data where a mutation declares them.
  plugins: [
    ErrorsPlugin,
    'freestyleAudit',
    ScopeAuthPlugin,
    ComplexityPlugin,
    RelayPlugin,
    'freestyleAccess',
  ],
  defaultFieldNullability: false,
  scopeAuth: {
    authScopes: ({ caller }) => ({ role: (role) => hasRole(caller, role) }),
    // Otherwise a stream would be opened first and refused at its first event.
    authorizeOnSubscribe: true,
    unauthorizedError: (_parent, { caller }) => refusal(caller !== null),
  },
  errors: { defaultTypes: [] },
  complexity: {
    limit: QUERY_LIMITS,
    defaultListMultiplier: 10,
    complexityError: (kind, { depth, complexity, breadth }) =>
      new QueryTooComplexError(
        `The operation goes over the limit of ${kind.toLowerCase()}: depth ${depth} of ${QUERY_LIMITS.depth}, ` +
          `complexity ${complexity} of ${QUERY_LIMITS.complexity}, breadth ${breadth} of ${QUERY_LIMITS.breadth}.`,
      ),
  },
  relay: {
    cursorType: 'String',
    // The connection's own multiplier is the page's size.
    edgesFieldOptions: { nullable: { list: false, items: false }, complexity: { multiplier: 1 } },
    nodeFieldOptions: { nullable: false },
    nodeTypeOptions: { authScopes: viewer },
    pageInfoTypeOptions: { authScopes: viewer },
    defaultConnectionTypeOptions: { authScopes: viewer },
    defaultEdgeTypeOptions: { authScopes: viewer },
    nodeQueryOptions: { authScopes: viewer, nullable: true, datasets: 'OWN' },
    nodesQueryOptions: {
      authScopes: viewer,
      datasets: 'OWN',
      nullable: { list: false, items: true },
      complexity: ({ ids }) => {
        if (ids.length > MAX_NODES) throw ValidationError.at(['ids'], `expected at most ${MAX_NODES} ids`);
        return { field: 1, multiplier: Math.max(1, ids.length) };
      },
    },
  },
});

export type Builder = typeof builder;

const refusal = (known: boolean) =>
  known ? new ForbiddenError('Your role does not allow this.') : new UnauthenticatedError();

builder.scalarType('DateTime', {
  description:
    'A moment as ISO 8601 text, such as `2026-05-17T08:30:00Z` or `2026-05-17T10:30:00+02:00`. A date alone, and a time without a zone, are in UTC.',
  serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
  parseValue: parseMoment,
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
});

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});
